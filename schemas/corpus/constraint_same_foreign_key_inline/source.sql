CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int CONSTRAINT bookings_client REFERENCES clients, starts_at timestamptz NOT NULL);
