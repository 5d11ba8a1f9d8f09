CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city text);
CREATE VIEW locals AS SELECT id, name FROM clients;
