CREATE TABLE bookings (id int PRIMARY KEY, client_id int, state varchar(10), starts_at timestamp, note text, price numeric);
CREATE INDEX bookings_idx ON bookings (client_id) WHERE state IN ('new', 'done');
