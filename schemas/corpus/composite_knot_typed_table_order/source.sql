CREATE TYPE addr AS (street text, city text);
CREATE TABLE t OF addr (PRIMARY KEY (street));
CREATE VIEW v AS SELECT city FROM t;
