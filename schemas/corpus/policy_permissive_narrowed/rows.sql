INSERT INTO bookings VALUES (1, 1, 'ann'), (2, 2, 'bo');
