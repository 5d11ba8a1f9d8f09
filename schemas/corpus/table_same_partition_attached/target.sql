CREATE TABLE visits (id int, day date, room text) PARTITION BY RANGE (day);
CREATE TABLE visits_2031 (id int, day date, room text);
ALTER TABLE visits ATTACH PARTITION visits_2031 FOR VALUES FROM ('2031-01-01') TO ('2032-01-01');
