CREATE FUNCTION pad(v varchar, n int, at timestamptz, ok bool) RETURNS varchar LANGUAGE sql AS $$ SELECT v $$;
