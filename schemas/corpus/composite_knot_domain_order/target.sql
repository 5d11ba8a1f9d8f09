CREATE TYPE firm AS (seat text, name text);
CREATE DOMAIN d AS firm CHECK ((VALUE).name <> 'q');
CREATE TABLE t(id int, d d);
