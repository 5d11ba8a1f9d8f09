INSERT INTO visits VALUES (1, '2023-05-01', 'Graz', NULL), (2, '2023-06-01', 'Linz', 'late'), (3, '2024-02-01', 'Graz', NULL);
