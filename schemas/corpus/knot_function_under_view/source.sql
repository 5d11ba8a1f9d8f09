CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city text);
CREATE VIEW locals AS SELECT id, name FROM clients WHERE city = 'Graz';
CREATE FUNCTION first_local() RETURNS locals LANGUAGE sql STABLE AS 'SELECT * FROM locals ORDER BY id LIMIT 1';
CREATE FUNCTION locals_named(prefix text) RETURNS SETOF locals LANGUAGE sql STABLE AS 'SELECT * FROM locals WHERE starts_with(name, prefix)';
CREATE VIEW a_locals AS SELECT id FROM locals_named('A');
