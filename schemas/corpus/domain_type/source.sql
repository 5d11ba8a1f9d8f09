CREATE DOMAIN email AS varchar(60);
CREATE TABLE clients (id int PRIMARY KEY, mail email);
