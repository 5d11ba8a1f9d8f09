INSERT INTO clients VALUES (1, ROW('Main', 'Tver'));
