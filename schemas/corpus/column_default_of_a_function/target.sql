CREATE FUNCTION next_code() RETURNS text LANGUAGE sql AS $$ SELECT 'B-' || pg_catalog.txid_current() $$;
CREATE FUNCTION "nextCode"() RETURNS text LANGUAGE sql AS $$ SELECT 'B-0' $$;
CREATE TABLE bookings (id int PRIMARY KEY, code text DEFAULT "nextCode"());
