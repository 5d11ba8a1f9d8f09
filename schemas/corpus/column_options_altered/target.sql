CREATE TABLE photos (id int PRIMARY KEY, caption text, picture bytea);
ALTER TABLE photos ALTER caption SET (n_distinct = 40, n_distinct_inherited = 80);
