-- What is in a database that is not PostgreSQL's own nor an extension's: a few names, to say that it is not empty.
WITH there AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS catalog, c.oid, c.relnamespace AS namespace,
           'relation' AS kind, c.relname::text AS name
    FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND c.relpersistence <> 't'
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid, p.pronamespace, 'function', p.proname::text
    FROM pg_catalog.pg_proc p
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typnamespace, 'type', t.typname::text
    FROM pg_catalog.pg_type t
    WHERE t.typtype IN ('e', 'd', 'r')
)
SELECT there.kind, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(there.name)
FROM there
JOIN pg_catalog.pg_namespace n ON n.oid = there.namespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = there.catalog AND e.objid = there.oid AND e.deptype = 'e'
  )
UNION ALL
SELECT 'schema', pg_catalog.quote_ident(n.nspname)
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND e.objid = n.oid AND e.deptype = 'e'
  )
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension x WHERE x.extnamespace = n.oid)
UNION ALL
SELECT 'large object', m.oid::text FROM pg_catalog.pg_largeobject_metadata m
LIMIT 5
