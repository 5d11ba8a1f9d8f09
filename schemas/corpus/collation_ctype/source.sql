CREATE TABLE staff (id int PRIMARY KEY, name text NOT NULL);
CREATE COLLATION by_code (provider = libc, lc_collate = 'C', lc_ctype = 'C');
