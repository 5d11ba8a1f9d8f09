INSERT INTO shelf VALUES (1, 1), (2, 2);
