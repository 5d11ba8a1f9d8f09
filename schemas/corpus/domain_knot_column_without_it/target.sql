CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE clients (id int PRIMARY KEY, mail text);
