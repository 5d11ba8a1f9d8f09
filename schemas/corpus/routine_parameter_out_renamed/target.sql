CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE FUNCTION stats(OUT revenue numeric, OUT bookings bigint) LANGUAGE sql STABLE AS $$ SELECT sum(price), count(*) FROM public.bookings $$;
