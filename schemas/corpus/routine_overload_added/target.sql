CREATE FUNCTION label(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'name ' || v $$;
CREATE FUNCTION label(v varchar) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'varchar ' || v $$;
