CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET row_security = on', current_database()); END $$;
