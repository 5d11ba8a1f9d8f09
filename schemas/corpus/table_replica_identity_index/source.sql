CREATE TABLE bookings (id int PRIMARY KEY, code uuid NOT NULL, note text);
CREATE UNIQUE INDEX bookings_code ON bookings (code);
