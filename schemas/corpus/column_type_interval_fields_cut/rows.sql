INSERT INTO services VALUES (1, 'Cut', '1 hour 20 seconds'), (2, 'Colour', NULL);
