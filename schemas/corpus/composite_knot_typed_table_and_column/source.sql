CREATE TYPE addr AS (street text, city text);
CREATE TABLE t OF addr;
CREATE TABLE u(a addr);
