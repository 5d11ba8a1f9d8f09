CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW locals AS SELECT c.id, c.name, c.city, c.tenant FROM clients AS c WHERE NOT (c.tenant > 3);
