CREATE TABLE bookings (id int PRIMARY KEY, client_id int, state text, starts_at timestamp, note text, price numeric);
CREATE INDEX "Bookings by client" ON bookings (client_id);
