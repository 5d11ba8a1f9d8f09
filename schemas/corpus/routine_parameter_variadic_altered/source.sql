CREATE FUNCTION join_names(VARIADIC names text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT array_to_string(names, ', ') $$;
