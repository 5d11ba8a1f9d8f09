CREATE TABLE t (id int PRIMARY KEY, a varchar(10), b int);
CREATE FUNCTION f(i int) RETURNS TABLE (id int, a varchar) LANGUAGE sql AS 'SELECT id, a FROM public.t WHERE id = i';
CREATE VIEW v1 AS SELECT f.id, f.a FROM t, f(t.id);
CREATE MATERIALIZED VIEW mv1 AS SELECT id, a FROM v1;
CREATE UNIQUE INDEX mvi ON mv1 (id);
CREATE FUNCTION g(r v1) RETURNS int LANGUAGE sql AS 'SELECT r.id';
CREATE VIEW v2 AS SELECT g(v1) AS x, mv1.a FROM v1 JOIN mv1 USING (id);
