CREATE FUNCTION next_slot(INOUT slot int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN slot := slot + 1; RETURN; END $$;
