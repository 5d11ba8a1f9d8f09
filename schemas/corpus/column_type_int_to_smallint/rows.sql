INSERT INTO services VALUES (1, 'Cut', 7), (2, 'Colour', NULL);
