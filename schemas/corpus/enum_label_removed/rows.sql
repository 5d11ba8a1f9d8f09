INSERT INTO bookings VALUES (1, 'new'), (2, 'done');
