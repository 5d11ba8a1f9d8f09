CREATE TABLE visits (day date NOT NULL, room text DEFAULT 'north') PARTITION BY RANGE (day);
CREATE TABLE visits_2031 PARTITION OF visits (room DEFAULT 'south') FOR VALUES FROM ('2031-01-01') TO ('2032-01-01');
