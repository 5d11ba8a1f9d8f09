CREATE TABLE t (id int, slots int[][], names text[3]);
