CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.salon = ''Innere Stadt''', current_database()); END $$;
