CREATE DOMAIN email AS text COLLATE "C";
CREATE TABLE clients (id int PRIMARY KEY, mail email);
