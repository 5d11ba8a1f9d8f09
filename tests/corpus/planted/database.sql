-- What a copy of a database does not take along, and is said of each.
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Europe/Vienna''', current_database()); END $$;
DO $$ BEGIN EXECUTE format('ALTER ROLE corpus_reader IN DATABASE %I SET statement_timeout = ''5s''', current_database()); END $$;
DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''salon in the old town''', current_database()); END $$;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO corpus_writer', current_database()); END $$;
CREATE SUBSCRIPTION from_head_office CONNECTION 'host=203.0.113.7 dbname=salon' PUBLICATION price_changes WITH (connect = false, create_slot = false, slot_name = NONE);
