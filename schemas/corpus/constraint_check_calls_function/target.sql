CREATE FUNCTION is_phone(value text, digits int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT value ~ ('^[0-9]{' || digits || '}$') $$;
CREATE TABLE clients (id int PRIMARY KEY, phone text, CONSTRAINT clients_phone CHECK (is_phone(phone, 10)));
