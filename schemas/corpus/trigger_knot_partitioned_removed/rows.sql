INSERT INTO bookings VALUES (1, '2024-05-05', 'x');
