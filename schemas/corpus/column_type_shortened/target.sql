CREATE TABLE clients (id int PRIMARY KEY, phone varchar(10));
