INSERT INTO staff_services VALUES (1, 1), (1, 2), (2, 1);
