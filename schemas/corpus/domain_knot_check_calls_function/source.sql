CREATE FUNCTION phone_ok(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT t ~ '^[0-9]{7,15}$' $$;
CREATE DOMAIN phone AS text CHECK (phone_ok(VALUE));
CREATE TABLE clients (id int PRIMARY KEY, phone phone);
