INSERT INTO clients VALUES (1, 'Ada', '80005550101', 1), (2, 'Boris', NULL, 1);
