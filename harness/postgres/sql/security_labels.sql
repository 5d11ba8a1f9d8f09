-- What security providers say of objects in the schemas in scope, and of those that are in none. Labels of roles and
-- tablespaces belong to the server.
SELECT l.objoid::bigint AS oid, l.objsubid AS part, l.objtype AS object_kind,
       CASE WHEN l.objtype = 'database' THEN '-' ELSE l.objname END AS object, l.provider, l.label,
       CASE
           WHEN l.objtype = 'database' THEN ARRAY['-']
           WHEN n.nspname IS NULL THEN ARRAY[coalesce(s.nspname::text, l.objname)]
           ELSE ARRAY[n.nspname::text, coalesce(c.relname, p.proname, t.typname, l.objname)::text]
       END AS labelled,
       pg_catalog.oidvectortypes(p.proargtypes) AS arguments,
       CASE WHEN l.objtype = 'database' THEN l.objname END AS database
FROM pg_catalog.pg_seclabels l
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = l.objnamespace AND l.objtype <> 'schema'
LEFT JOIN pg_catalog.pg_namespace s ON s.oid = l.objoid AND l.objtype = 'schema'
LEFT JOIN pg_catalog.pg_class c ON c.oid = l.objoid AND l.classoid = 'pg_catalog.pg_class'::regclass
LEFT JOIN pg_catalog.pg_proc p ON p.oid = l.objoid AND l.classoid = 'pg_catalog.pg_proc'::regclass
LEFT JOIN pg_catalog.pg_type t ON t.oid = l.objoid AND l.classoid = 'pg_catalog.pg_type'::regclass
WHERE l.objtype NOT IN ('role', 'tablespace')
  AND (l.objtype <> 'database' OR l.objoid = (
      SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
  AND (coalesce(n.nspname, s.nspname) IS NULL OR coalesce(n.nspname, s.nspname) = ANY (%(schemas)s))
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = l.classoid AND e.objid = l.objoid AND e.deptype = 'e'
  )
ORDER BY l.objtype, l.objname, l.provider
