CREATE TABLE clients (id int PRIMARY KEY, last_booking int);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL CONSTRAINT bookings_client REFERENCES clients DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE clients ADD CONSTRAINT clients_last_booking FOREIGN KEY (last_booking) REFERENCES bookings DEFERRABLE INITIALLY DEFERRED;
