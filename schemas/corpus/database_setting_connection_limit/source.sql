CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 40', current_database()); END $$;
