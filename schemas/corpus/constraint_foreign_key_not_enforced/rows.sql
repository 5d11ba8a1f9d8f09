INSERT INTO clients VALUES (1, 'Ada'), (2, 'Boris');
INSERT INTO bookings VALUES (10, 1, '2025-03-01 09:00+00'), (11, 2, '2025-03-01 10:00+00');
