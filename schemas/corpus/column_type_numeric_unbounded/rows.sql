INSERT INTO services VALUES (1, 'Cut', 1.25), (2, 'Colour', NULL);
