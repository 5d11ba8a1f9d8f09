CREATE FUNCTION opening_hour(at timestamptz) RETURNS int LANGUAGE sql STABLE  AS $$ SELECT extract(hour FROM at)::int $$;
