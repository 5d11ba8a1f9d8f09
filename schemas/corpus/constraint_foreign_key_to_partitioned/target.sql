CREATE TABLE slots (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE slots_old PARTITION OF slots FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE slots_new PARTITION OF slots FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE TABLE reminders (slot int, day date);
