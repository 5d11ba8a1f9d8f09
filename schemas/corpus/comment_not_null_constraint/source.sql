CREATE TABLE clients (id int PRIMARY KEY, name text CONSTRAINT has_name NOT NULL);
COMMENT ON CONSTRAINT has_name ON clients IS 'first edition';
