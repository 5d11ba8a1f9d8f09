CREATE TABLE clients (id int PRIMARY KEY, seen timestamptz);
DO $$ BEGIN EXECUTE format('ALTER ROLE corpus_writer IN DATABASE %I SET default_transaction_read_only = on', current_database()); END $$;
