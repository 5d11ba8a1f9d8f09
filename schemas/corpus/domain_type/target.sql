CREATE DOMAIN email AS varchar(40);
CREATE TABLE clients (id int PRIMARY KEY, mail email);
