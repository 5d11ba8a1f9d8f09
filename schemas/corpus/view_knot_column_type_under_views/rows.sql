INSERT INTO clients VALUES (1, 'A1');
