CREATE COLLATION by_code (provider = libc, locale = 'C');
CREATE TABLE staff (id int PRIMARY KEY, name text NOT NULL);
CREATE INDEX staff_name ON staff (name);
