CREATE FUNCTION greeting(p_name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 'Hello ' || coalesce(p_name, 'you') $$;
