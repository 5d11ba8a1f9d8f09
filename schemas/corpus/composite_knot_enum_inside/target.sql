CREATE TYPE m AS ENUM('a','c');
CREATE TYPE firm AS (s m, name text);
CREATE TABLE t(id int, d firm);
CREATE INDEX ti ON t(d);
