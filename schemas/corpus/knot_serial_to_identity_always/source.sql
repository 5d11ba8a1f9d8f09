CREATE TABLE bookings (id serial PRIMARY KEY, note text);
