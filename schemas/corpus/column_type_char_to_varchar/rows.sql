INSERT INTO services VALUES (1, 'Cut', 'ab'), (2, 'Colour', NULL);
