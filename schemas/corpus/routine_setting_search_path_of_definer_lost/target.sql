CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE FUNCTION booking_total(p_client int) RETURNS numeric LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT sum(price) FROM public.bookings WHERE client_id = $1 $$;
