CREATE TABLE bookings (id int PRIMARY KEY, state text NOT NULL, at timestamptz NOT NULL) WITH (fillfactor = 70);
