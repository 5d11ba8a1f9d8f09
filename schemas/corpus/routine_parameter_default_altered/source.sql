CREATE FUNCTION remind(who text, hours int DEFAULT 24) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 || ' in ' || $2 || ' h' $$;
