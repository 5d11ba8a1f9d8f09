SELECT n.nspname::text AS schema,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS can_use,
       pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS can_create
FROM pg_catalog.pg_namespace n
WHERE n.nspname = ANY (%(schemas)s)
ORDER BY n.nspname
