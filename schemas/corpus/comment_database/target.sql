CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'salon, Riga'); END $$;
