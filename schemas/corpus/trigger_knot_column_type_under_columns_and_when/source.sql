CREATE TABLE bookings (id int PRIMARY KEY, seats int NOT NULL);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER seats_changed BEFORE UPDATE OF seats ON bookings FOR EACH ROW WHEN (NEW.seats > OLD.seats) EXECUTE FUNCTION stamp();
