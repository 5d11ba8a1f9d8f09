CREATE TABLE bookings (id int PRIMARY KEY, extras jsonb);
CREATE INDEX bookings_idx ON bookings USING gin (extras);
