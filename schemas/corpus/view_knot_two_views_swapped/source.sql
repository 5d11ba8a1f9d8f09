CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW a AS SELECT id FROM clients;
CREATE VIEW b AS SELECT id FROM a;
