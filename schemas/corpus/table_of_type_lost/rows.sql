INSERT INTO price_lines VALUES ('cut', 30.00);
