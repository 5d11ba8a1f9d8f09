CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city text);
CREATE VIEW locals AS SELECT id, name, city FROM clients;
COMMENT ON COLUMN locals.city IS 'town';
ALTER VIEW locals ALTER COLUMN city SET DEFAULT 'Graz';
