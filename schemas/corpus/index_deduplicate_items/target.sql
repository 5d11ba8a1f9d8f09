CREATE TABLE bookings (id int PRIMARY KEY, client_id int, state text, starts_at timestamp, note text, price numeric);
CREATE INDEX bookings_idx ON bookings (state) WITH (deduplicate_items = off);
