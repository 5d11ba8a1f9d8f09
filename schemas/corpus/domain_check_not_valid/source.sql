CREATE DOMAIN email AS text;
CREATE TABLE clients (id int PRIMARY KEY, mail email);
ALTER DOMAIN email ADD CONSTRAINT email_format CHECK (VALUE LIKE '%@%');
