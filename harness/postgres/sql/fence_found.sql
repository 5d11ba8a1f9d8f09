-- The relations that rights were taken on, by number or by name.
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.relowner::bigint
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'f')
  AND (c.oid = ANY (%(oids)s::oid[])
       OR (n.nspname, c.relname) IN (
           SELECT w.schema, w.name FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) AS w (schema, name)
       ))
