-- Plain tables and partitions that hold few rows, with the columns that an INSERT gives: schema, name, columns.
-- Triggers and rules that fire in replica mode too would see the rewritten rows.
SELECT n.nspname::text, c.relname::text, columns.names
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
) AS columns
WHERE c.relkind = 'r' AND c.relpersistence IN ('p', 'u') AND n.nspname = ANY (%s)
  AND pg_catalog.pg_relation_size(c.oid) BETWEEN 1 AND %s
  AND columns.names IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled IN ('A', 'R'))
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_enabled IN ('A', 'R'))
ORDER BY 1, 2
