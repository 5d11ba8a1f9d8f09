INSERT INTO clients VALUES (1, ROW('Main', 7));
