CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE TABLE visits (client int, day date);
CREATE VIEW locals AS SELECT c.id, v.day FROM clients AS c INNER JOIN visits AS v ON (v.client = c.id) ORDER BY v.day;
