INSERT INTO payments VALUES (1, 45.00), (2, 12.50);
