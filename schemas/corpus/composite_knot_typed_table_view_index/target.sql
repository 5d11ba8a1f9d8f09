CREATE TYPE address AS (street text, city text, country text);
CREATE TABLE salons OF address;
CREATE TABLE clients (id int PRIMARY KEY, home address, past address[]);
CREATE VIEW client_cities AS SELECT id, (home).city AS city FROM clients;
CREATE FUNCTION on_one_line(a address) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT a.street || ', ' || a.city $$;
CREATE INDEX clients_city ON clients (((home).city));
CREATE TYPE party AS (name text, place address);
