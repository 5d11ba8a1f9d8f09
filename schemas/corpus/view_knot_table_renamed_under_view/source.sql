CREATE TABLE clients (id int PRIMARY KEY, name text);
CREATE VIEW people AS SELECT id, name FROM clients;
