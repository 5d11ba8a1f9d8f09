CREATE TYPE m AS ENUM('a','b','c');
CREATE TYPE firm AS (name text, s m);
CREATE TABLE t(id int, d firm);
CREATE INDEX ti ON t(d);
