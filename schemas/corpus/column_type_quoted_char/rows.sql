INSERT INTO services VALUES (1, 'Cut', 'a'), (2, 'Colour', NULL);
