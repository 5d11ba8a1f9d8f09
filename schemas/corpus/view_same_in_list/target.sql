CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW locals AS SELECT id FROM clients WHERE name = ANY (ARRAY['Ann', 'Bo']) AND id <> ALL (ARRAY[1, 2]);
