CREATE TABLE clients (id int PRIMARY KEY, name text, city text);
CREATE VIEW v1 AS SELECT * FROM clients;
CREATE VIEW v2 AS SELECT * FROM v1;
