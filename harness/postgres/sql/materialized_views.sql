-- Materialised views that hold rows, those that others read first.
WITH RECURSIVE reads AS (
    SELECT DISTINCT r.ev_class AS view, d.refobjid AS relation
    FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_depend d
      ON d.classid = 'pg_catalog.pg_rewrite'::regclass
     AND d.objid = r.oid
     AND d.refclassid = 'pg_catalog.pg_class'::regclass
     AND d.refobjid <> r.ev_class
    WHERE r.rulename = '_RETURN'
),
reached AS (
    SELECT view, relation FROM reads
    UNION
    SELECT reached.view, reads.relation FROM reached JOIN reads ON reads.view = reached.relation
)
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN reached ON reached.view = c.oid
WHERE c.relkind = 'm'
  AND c.relispopulated
  AND EXISTS (
      SELECT FROM reached own
      JOIN pg_catalog.pg_class t
        ON t.oid = own.relation OR t.oid IN (SELECT pg_catalog.pg_partition_ancestors(own.relation))
      JOIN pg_catalog.pg_namespace s ON s.oid = t.relnamespace
      JOIN ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(tables)s::text[])) AS moved (schema, name)
        ON moved.schema = s.nspname AND moved.name = t.relname
      WHERE own.view = c.oid
  )
GROUP BY c.oid, n.nspname, c.relname
ORDER BY pg_catalog.count(reached.relation), n.nspname, c.relname
