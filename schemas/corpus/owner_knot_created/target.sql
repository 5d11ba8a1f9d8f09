CREATE SCHEMA s AUTHORIZATION corpus_owner;
CREATE TABLE s.t(id serial primary key);
ALTER TABLE s.t OWNER TO corpus_writer;
CREATE AGGREGATE s.a(int)(SFUNC=int4pl,STYPE=int);
ALTER AGGREGATE s.a(int) OWNER TO corpus_writer;
CREATE TYPE s.c AS (a int);
ALTER TYPE s.c OWNER TO corpus_writer;
CREATE PROCEDURE s.p() LANGUAGE sql AS 'SELECT 1';
ALTER PROCEDURE s.p() OWNER TO corpus_writer;
