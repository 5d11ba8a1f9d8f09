CREATE TABLE bookings (id int PRIMARY KEY, state text DEFAULT 'it''s booked', made timestamptz);
