CREATE TABLE bookings (id int PRIMARY KEY, state text NOT NULL, made timestamptz);
