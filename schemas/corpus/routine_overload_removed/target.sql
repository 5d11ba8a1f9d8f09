CREATE FUNCTION label(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'name ' || v $$;
