CREATE TYPE firm AS (seat text, name text);
CREATE TYPE deal AS (f firm, fs firm[], n numeric);
CREATE TABLE t(id int, d deal, ds deal[]);
