INSERT INTO bookings VALUES (1, DEFAULT), (2, 'done');
