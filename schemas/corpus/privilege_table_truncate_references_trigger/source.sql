CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE SEQUENCE invoice_no;
CREATE FUNCTION owed(client int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT 0 $$;
CREATE PROCEDURE close_day() LANGUAGE sql AS $$ SELECT 1 $$;
CREATE VIEW client_names AS SELECT id, name FROM clients;
CREATE SCHEMA reports;
CREATE TYPE mood AS ENUM ('good', 'bad');
GRANT SELECT ON clients TO corpus_writer;
