CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''salon chain''', current_database()); END $$;
