CREATE TABLE t (id int, n text);
CREATE VIEW v AS SELECT id, n FROM t;
