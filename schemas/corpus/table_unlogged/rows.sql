INSERT INTO clients (id, name, phone) VALUES (1, 'Alma Reyes', '80005550101'), (2, 'Bo Lind', NULL);
INSERT INTO visits VALUES (1, 1, '2031-03-01 10:00+00'), (2, 2, '2031-03-02 11:30+00');
