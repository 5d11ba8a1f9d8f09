CREATE TABLE bookings (id int PRIMARY KEY, state text, CONSTRAINT bookings_state CHECK (state = ANY (ARRAY['new', 'done'])));
