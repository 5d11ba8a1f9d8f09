CREATE FUNCTION note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE DEBUG 'ddl'; END $$;
CREATE FUNCTION watch_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE DEBUG 'watched'; END $$;
CREATE TABLE clients (id int PRIMARY KEY);
CREATE EVENT TRIGGER ddl_log ON ddl_command_end EXECUTE FUNCTION note_ddl();
