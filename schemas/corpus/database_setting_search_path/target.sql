CREATE SCHEMA salon;
CREATE TABLE salon.clients (id int PRIMARY KEY);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, salon', current_database()); END $$;
