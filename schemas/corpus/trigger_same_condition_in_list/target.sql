CREATE TABLE bookings (id int PRIMARY KEY, status text NOT NULL, price numeric NOT NULL DEFAULT 0, note text);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := coalesce(NEW.note, '') || 's'; RETURN NEW; END $$;
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep_note BEFORE UPDATE ON bookings FOR EACH ROW WHEN (NEW.status = ANY (ARRAY['open'::text, 'paid']) AND NEW.price >= 1 AND NEW.price <= 9) EXECUTE FUNCTION stamp();
