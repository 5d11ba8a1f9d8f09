CREATE TYPE addr AS (street text, zip text);
CREATE TABLE t OF addr;
