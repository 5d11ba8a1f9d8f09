CREATE TABLE reminders (id int PRIMARY KEY, due timestamptz NOT NULL) WITH (autovacuum_vacuum_scale_factor = 0.01, parallel_workers = 4);
