CREATE TABLE bookings (id int PRIMARY KEY, client_id int, state text, starts_at timestamp, note text, price numeric);
CREATE INDEX bookings_idx ON bookings USING gist (to_tsvector('english', note) tsvector_ops (siglen = 200));
