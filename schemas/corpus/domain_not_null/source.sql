CREATE DOMAIN email AS text;
CREATE TABLE clients (id int PRIMARY KEY, mail email);
