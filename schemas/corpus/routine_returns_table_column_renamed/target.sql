CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE FUNCTION day_sums() RETURNS TABLE (day date, revenue numeric) LANGUAGE sql STABLE AS $$ SELECT booked_on, sum(price) FROM public.bookings GROUP BY 1 $$;
