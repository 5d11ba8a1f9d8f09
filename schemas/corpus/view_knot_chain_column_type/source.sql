CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW v1 AS SELECT id, name, tenant AS mark FROM clients;
CREATE VIEW v2 AS SELECT * FROM v1 WHERE id > 0;
CREATE MATERIALIZED VIEW m3 AS SELECT v2.id, v1.name FROM v2 JOIN v1 ON v1.id = v2.id;
CREATE INDEX m3_name ON m3 (name);
CREATE FUNCTION all_marks() RETURNS SETOF v2 LANGUAGE sql STABLE AS $$ SELECT * FROM public.v2 $$;
CREATE VIEW v4 AS SELECT m.name, f.id FROM m3 m, all_marks() f;
GRANT SELECT ON v2 TO corpus_reader;
COMMENT ON VIEW v4 IS 'the last of the chain';
