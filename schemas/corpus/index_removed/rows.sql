INSERT INTO bookings VALUES (1, 1, 'new', '2025-01-01 10:00', 'first', 10), (2, 2, 'done', '2025-01-02 10:00', NULL, 20);
