CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE t2(id serial primary key);
GRANT SELECT ON t2 TO corpus_writer;
CREATE SEQUENCE q;
CREATE VIEW v AS SELECT 1 AS a;
CREATE TYPE m AS ENUM('a');
