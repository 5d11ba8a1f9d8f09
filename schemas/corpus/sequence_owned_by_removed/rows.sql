INSERT INTO payments (number) VALUES (11);
