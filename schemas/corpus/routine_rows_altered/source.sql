CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE FUNCTION busy_days(p_from date) RETURNS SETOF date LANGUAGE sql STABLE ROWS 5 AS $$ SELECT DISTINCT booked_on FROM public.bookings WHERE booked_on >= p_from $$;
