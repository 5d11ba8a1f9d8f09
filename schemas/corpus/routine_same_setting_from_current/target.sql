CREATE FUNCTION today() RETURNS date LANGUAGE sql STABLE SET TimeZone TO 'Asia/Tokyo' AS $$ SELECT current_date $$;
