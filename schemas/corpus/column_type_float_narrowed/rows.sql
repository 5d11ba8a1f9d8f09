INSERT INTO services VALUES (1, 'Cut', 3.14159265358979), (2, 'Colour', NULL);
