CREATE TABLE bookings (id int PRIMARY KEY, client_id int, state text, starts_at timestamp, note text, price numeric);
CREATE INDEX bookings_idx ON bookings (client_id) WHERE price >= 1 AND price <= 9 AND state = 'new';
