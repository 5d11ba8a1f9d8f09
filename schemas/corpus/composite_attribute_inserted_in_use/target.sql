CREATE TYPE address AS (street text, zip text, city text);
CREATE TABLE clients (id int PRIMARY KEY, home address);
CREATE VIEW client_cities AS SELECT id, (home).city AS city FROM clients;
