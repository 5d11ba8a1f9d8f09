INSERT INTO bookings VALUES (1, 'asked');
