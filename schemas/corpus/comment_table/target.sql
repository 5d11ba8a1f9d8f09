CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE SEQUENCE invoice_no;
CREATE FUNCTION owed(client int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT 0 $$;
CREATE PROCEDURE close_day() LANGUAGE sql AS $$ SELECT 1 $$;
CREATE VIEW client_names AS SELECT id, name FROM clients;
CREATE SCHEMA reports;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE MATERIALIZED VIEW client_count AS SELECT count(*) AS many FROM clients;
CREATE FUNCTION secrets() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS $$ SELECT phone::text FROM clients $$;
CREATE TABLE bookings (id int PRIMARY KEY, client int CONSTRAINT bookings_client REFERENCES clients, paid int CONSTRAINT paid_positive CHECK (paid >= 0), CONSTRAINT once UNIQUE (client, paid));
CREATE INDEX bookings_paid ON bookings (paid);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY mine ON bookings USING (client > 0);
COMMENT ON TABLE clients IS 'who comes; "VIP" too — it''s Мария
and others';
