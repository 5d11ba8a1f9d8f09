INSERT INTO services VALUES (1, 'Cut', '2031-03-01 10:30'), (2, 'Colour', NULL);
