CREATE TABLE bookings (id int PRIMARY KEY, status text);
CREATE VIEW open_bookings AS SELECT id, upper(status) AS state FROM bookings;
CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.bookings VALUES (NEW.id, lower(NEW.state)); RETURN NEW; END $$;
