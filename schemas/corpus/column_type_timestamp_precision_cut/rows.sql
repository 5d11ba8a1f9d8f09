INSERT INTO services VALUES (1, 'Cut', '2031-03-01 10:00:00.75+00'), (2, 'Colour', NULL);
