CREATE TYPE addr AS (city text, zip int, street text);
CREATE TABLE t OF addr (PRIMARY KEY (street));
CREATE VIEW v AS SELECT city FROM t;
