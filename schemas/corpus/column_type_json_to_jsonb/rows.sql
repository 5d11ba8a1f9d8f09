INSERT INTO services VALUES (1, 'Cut', '{"a": 1}'), (2, 'Colour', NULL);
