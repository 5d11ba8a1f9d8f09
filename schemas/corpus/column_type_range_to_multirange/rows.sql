INSERT INTO services VALUES (1, 'Cut', NULL);
