CREATE PROCEDURE ping(INOUT n int DEFAULT 1) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
