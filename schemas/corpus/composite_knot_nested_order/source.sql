CREATE TYPE firm AS (name text, seat text);
CREATE TYPE deal AS (f firm, fs firm[], n numeric);
CREATE TABLE t(id int, d deal, ds deal[]);
