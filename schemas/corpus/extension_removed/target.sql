CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
DROP EXTENSION plpgsql;
