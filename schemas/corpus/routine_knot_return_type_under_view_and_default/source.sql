CREATE FUNCTION next_no() RETURNS int LANGUAGE sql VOLATILE AS $$ SELECT 7 $$;
CREATE TABLE receipts (id int PRIMARY KEY, no bigint DEFAULT next_no());
CREATE VIEW numbered AS SELECT id, no, next_no()::text AS upcoming FROM receipts;
