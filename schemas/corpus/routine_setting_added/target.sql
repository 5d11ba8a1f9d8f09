CREATE FUNCTION opening_hour(at timestamptz) RETURNS int LANGUAGE sql STABLE SET timezone = 'Europe/Vienna' AS $$ SELECT extract(hour FROM at)::int $$;
