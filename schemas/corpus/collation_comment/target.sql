CREATE TABLE staff (id int PRIMARY KEY, name text NOT NULL);
CREATE COLLATION by_code (provider = libc, locale = 'C');
