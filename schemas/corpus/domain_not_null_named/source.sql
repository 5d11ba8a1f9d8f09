CREATE DOMAIN email AS text CONSTRAINT email_needed NOT NULL;
CREATE TABLE clients (id int PRIMARY KEY, mail email);
