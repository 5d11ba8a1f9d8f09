CREATE TABLE t (id int) WITH (autovacuum_enabled = false, fillfactor = 80);
