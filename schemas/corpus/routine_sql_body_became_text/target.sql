CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE FUNCTION client_bookings() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM bookings $$;
