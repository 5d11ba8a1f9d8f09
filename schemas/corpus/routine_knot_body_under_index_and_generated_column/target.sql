CREATE FUNCTION norm(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(btrim(v)) $$;
CREATE TABLE clients (id int PRIMARY KEY, email text NOT NULL CHECK (norm(email) <> ''), email_norm text GENERATED ALWAYS AS (norm(email)) STORED);
CREATE UNIQUE INDEX clients_email ON clients (norm(email));
