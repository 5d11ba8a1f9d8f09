CREATE TYPE addr AS (street text, city text);
CREATE TABLE t(id int, h addr[]);
