-- Columns of some tables that can name large objects: of type oid, or of a domain over it, as lo is.
WITH RECURSIVE over_oid (oid) AS (
    SELECT 'pg_catalog.oid'::pg_catalog.regtype::pg_catalog.oid
    UNION ALL
    SELECT t.oid FROM pg_catalog.pg_type t JOIN over_oid ON t.typbasetype = over_oid.oid
)
SELECT n.nspname::text, c.relname::text, a.attname::text
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN unnest(%(schemas)s::text[], %(tables)s::text[]) AS wanted (schema, name)
  ON wanted.schema = n.nspname AND wanted.name = c.relname
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN (SELECT oid FROM over_oid)
ORDER BY 1, 2, a.attnum
