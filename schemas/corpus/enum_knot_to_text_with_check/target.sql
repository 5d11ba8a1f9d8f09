CREATE TABLE bookings (id int PRIMARY KEY, status text NOT NULL, CONSTRAINT bookings_status_check CHECK (status IN ('new', 'confirmed', 'done')));
