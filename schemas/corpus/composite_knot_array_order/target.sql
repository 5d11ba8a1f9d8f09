CREATE TYPE addr AS (city text, zip int, street text);
CREATE TABLE t(id int, h addr[]);
