-- The relations that a fence around some tables takes rights on: the tables, their partitions and children, and from
-- there everything whose writes end in one of these: parents, views that can be written, relations with rules that name
-- them, tables whose foreign-key actions delete or change their rows (these run as the owner of the changed table, so
-- that no right of the writer is asked).
WITH RECURSIVE wanted AS (
    SELECT c.oid
    FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) AS w (schema, name)
    JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
    WHERE c.relkind IN ('r', 'p', 'v', 'f')
), holding AS (
    SELECT oid FROM wanted
    UNION
    SELECT i.inhrelid FROM holding AS h JOIN pg_catalog.pg_inherits AS i ON i.inhparent = h.oid
), leads AS (
    SELECT i.inhparent AS relation, i.inhrelid AS writes_to
    FROM pg_catalog.pg_inherits AS i
    UNION
    SELECT r.ev_class, d.refobjid
    FROM pg_catalog.pg_rewrite AS r
    JOIN pg_catalog.pg_depend AS d
        ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
    UNION
    SELECT k.confrelid, k.conrelid
    FROM pg_catalog.pg_constraint AS k
    WHERE k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
), scope AS (
    SELECT oid FROM holding
    UNION
    SELECT l.relation
    FROM scope AS s
    JOIN leads AS l ON l.writes_to = s.oid
    JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
    WHERE c.relkind IN ('r', 'p', 'f')
       OR (c.relkind = 'v' AND pg_catalog.pg_relation_is_updatable(c.oid, true) & 28 <> 0)
)
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.relowner::bigint,
       EXISTS (SELECT FROM holding AS h WHERE h.oid = c.oid)
FROM scope AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY n.nspname, c.relname
