INSERT INTO services VALUES (1, 'Cut', B'10101010'), (2, 'Colour', NULL);
