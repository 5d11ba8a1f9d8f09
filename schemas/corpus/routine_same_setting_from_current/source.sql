SET timezone = 'Asia/Tokyo';
CREATE FUNCTION today() RETURNS date LANGUAGE sql STABLE SET timezone FROM CURRENT AS $$ SELECT current_date $$;
RESET timezone;
