CREATE TABLE visits (id int, day date, room text) PARTITION BY RANGE (day);
CREATE TABLE visits_2031 PARTITION OF visits FOR VALUES FROM ('2031-01-01') TO ('2032-01-01');
