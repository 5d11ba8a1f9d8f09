CREATE FUNCTION opening_hour(at timestamptz) RETURNS int LANGUAGE sql STABLE SET work_mem = '8MB' SET timezone = 'UTC' AS $$ SELECT extract(hour FROM at)::int $$;
