CREATE FUNCTION join_names(names text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT array_to_string(names, ', ') $$;
