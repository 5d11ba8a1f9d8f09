CREATE TABLE bookings (id int PRIMARY KEY, code uuid NOT NULL, note text, slip int NOT NULL UNIQUE);
CREATE UNIQUE INDEX bookings_code ON bookings (code);
ALTER TABLE bookings REPLICA IDENTITY USING INDEX bookings_code;
