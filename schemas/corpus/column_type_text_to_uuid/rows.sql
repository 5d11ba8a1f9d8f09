INSERT INTO services VALUES (1, 'Cut', '6f1d0a3e-2c1b-4f6e-9a77-0d5b3c9e1f20'), (2, 'Colour', NULL);
