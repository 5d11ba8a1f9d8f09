CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE PROCEDURE "Storno"(nr int) LANGUAGE sql AS $$ DELETE FROM public.bookings WHERE id = nr $$;
