INSERT INTO clients VALUES (1, 'Ann', 'Graz', 1), (2, 'Bo', 'Linz', 2);
REFRESH MATERIALIZED VIEW m3;
