CREATE TYPE firm AS (name text, seat text);
CREATE DOMAIN d AS firm CHECK ((VALUE).name <> 'q');
CREATE TABLE t(id int, d d);
