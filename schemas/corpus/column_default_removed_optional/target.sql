CREATE TABLE bookings (id int PRIMARY KEY, state text, made timestamptz);
