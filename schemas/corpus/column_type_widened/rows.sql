INSERT INTO services VALUES (1, 'Cut', '80005550101'), (2, 'Colour', NULL);
