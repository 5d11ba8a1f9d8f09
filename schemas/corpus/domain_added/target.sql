CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE DOMAIN "E-Mail" AS text CHECK (VALUE LIKE '%@%');
