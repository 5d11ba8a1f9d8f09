CREATE TABLE bookings (id int PRIMARY KEY, state text NOT NULL DEFAULT 'asked', made timestamptz);
