CREATE TABLE slots (chair int NOT NULL, code text, CONSTRAINT slots_code EXCLUDE USING btree (chair WITH =, code WITH =)) PARTITION BY LIST (chair);
CREATE TABLE slots_one PARTITION OF slots FOR VALUES IN (1);
