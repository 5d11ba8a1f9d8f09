CREATE FUNCTION label(v int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '№ ' || v $$;
CREATE FUNCTION label(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'name ' || v $$;
