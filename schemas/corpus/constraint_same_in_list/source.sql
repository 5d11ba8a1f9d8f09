CREATE TABLE bookings (id int PRIMARY KEY, state varchar(10), CONSTRAINT bookings_state CHECK (state IN ('new', 'done')));
