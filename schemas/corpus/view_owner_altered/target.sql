CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW locals AS SELECT id, name FROM clients WHERE city = 'Graz';
