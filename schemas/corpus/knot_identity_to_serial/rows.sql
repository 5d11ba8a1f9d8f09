INSERT INTO bookings (note) VALUES ('first'), ('second');
