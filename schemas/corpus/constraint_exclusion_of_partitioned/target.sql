CREATE TABLE slots (chair int NOT NULL, code text) PARTITION BY LIST (chair);
CREATE TABLE slots_one PARTITION OF slots FOR VALUES IN (1);
