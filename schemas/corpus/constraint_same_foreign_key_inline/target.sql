CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int CONSTRAINT bookings_client REFERENCES public."clients" (id) MATCH SIMPLE ON UPDATE NO ACTION ON DELETE NO ACTION NOT DEFERRABLE INITIALLY IMMEDIATE, starts_at timestamptz NOT NULL);
