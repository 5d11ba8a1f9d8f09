INSERT INTO a VALUES (1, 'a'); INSERT INTO b (id, x, y) VALUES (2, 'b', 3); INSERT INTO c (id, x, y) VALUES (4, 'c', 5);
