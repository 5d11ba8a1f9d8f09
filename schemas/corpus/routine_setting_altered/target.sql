CREATE FUNCTION opening_hour(at timestamptz) RETURNS int LANGUAGE sql STABLE SET timezone = 'Asia/Tokyo' SET work_mem = '8MB' AS $$ SELECT extract(hour FROM at)::int $$;
