CREATE TABLE bookings (id int PRIMARY KEY, state text DEFAULT 'asked', made timestamptz);
