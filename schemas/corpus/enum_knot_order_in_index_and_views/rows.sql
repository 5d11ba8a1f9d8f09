INSERT INTO bookings VALUES (1, 'new', NULL), (2, 'done', '{new,confirmed}');
