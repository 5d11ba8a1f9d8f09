CREATE TYPE m AS ENUM('a','b','c');
CREATE DOMAIN d AS m CHECK (VALUE <> 'c');
CREATE TABLE t(a d, c m);
