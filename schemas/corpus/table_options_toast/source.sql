CREATE TABLE photos (id int PRIMARY KEY, caption text, picture bytea) WITH (toast.autovacuum_vacuum_scale_factor = 0.02);
