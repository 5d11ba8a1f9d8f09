CREATE TABLE t (id int, slots int[], names text ARRAY);
