CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW named AS SELECT * FROM clients WHERE name <> '' WITH LOCAL CHECK OPTION;
CREATE VIEW locals AS SELECT id, name FROM named;
