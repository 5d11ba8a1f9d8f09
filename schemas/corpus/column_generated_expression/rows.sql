INSERT INTO payments (id, net) VALUES (1, 10.00);
