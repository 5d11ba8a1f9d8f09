CREATE TABLE bookings (id int PRIMARY KEY, code text NOT NULL, branch int NOT NULL);
CREATE UNIQUE INDEX bookings_code ON bookings (code);
CREATE UNIQUE INDEX bookings_branch_code ON bookings (branch, code);
ALTER TABLE bookings REPLICA IDENTITY USING INDEX bookings_code;
