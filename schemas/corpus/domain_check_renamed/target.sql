CREATE DOMAIN email AS text CONSTRAINT email_shape CHECK (VALUE LIKE '%@%');
CREATE TABLE clients (id int PRIMARY KEY, mail email);
