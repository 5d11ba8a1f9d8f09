CREATE FUNCTION next_slot(slot int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN slot := slot + 1; RETURN slot; END $$;
