INSERT INTO bookings (id, status) VALUES (1, 'open'), (2, 'paid');
