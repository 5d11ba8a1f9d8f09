CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int, starts_at timestamptz NOT NULL);
ALTER TABLE bookings ADD CONSTRAINT bookings_client FOREIGN KEY (client_id) REFERENCES clients;
