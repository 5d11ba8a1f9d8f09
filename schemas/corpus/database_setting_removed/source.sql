CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Europe/Vienna''', current_database()); END $$;
