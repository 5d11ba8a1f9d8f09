INSERT INTO services VALUES (1, 'Cut', 1.2345), (2, 'Colour', NULL);
