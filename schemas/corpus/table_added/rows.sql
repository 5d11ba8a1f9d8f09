INSERT INTO clients (id, name, phone) VALUES (1, 'Alma Reyes', '80005550101'), (2, 'Bo Lind', NULL);
