CREATE DOMAIN email AS text NOT NULL;
CREATE TABLE clients (id int PRIMARY KEY, mail email);
