CREATE TABLE bookings (id int PRIMARY KEY, extras jsonb);
CREATE INDEX bookings_idx ON bookings USING gin (extras jsonb_path_ops);
