INSERT INTO services VALUES (1, 'Cut', '10:30'), (2, 'Colour', NULL);
