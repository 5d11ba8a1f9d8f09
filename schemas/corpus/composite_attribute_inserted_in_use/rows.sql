INSERT INTO clients (id, home.street, home.city) VALUES (1, 'Gartenweg 3', 'Bern'), (2, NULL, NULL);
