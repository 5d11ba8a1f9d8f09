CREATE TABLE bookings (id int PRIMARY KEY, client_id int, state text, starts_at timestamp, note text, price numeric);
CREATE INDEX one ON bookings (state);
CREATE INDEX two ON bookings (client_id);
