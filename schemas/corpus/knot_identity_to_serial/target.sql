CREATE TABLE bookings (id serial PRIMARY KEY, note text);
CREATE VIEW numbers AS SELECT id FROM bookings;
