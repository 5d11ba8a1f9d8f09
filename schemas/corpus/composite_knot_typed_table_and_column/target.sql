CREATE TYPE addr AS (street text, zip int, city text);
CREATE TABLE t OF addr;
CREATE TABLE u(a addr);
