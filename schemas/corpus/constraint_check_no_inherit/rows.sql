INSERT INTO payments VALUES (1, 5);
INSERT INTO payments_archive VALUES (2, 6);
