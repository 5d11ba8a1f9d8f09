SELECT n.oid::bigint AS oid, n.nspname::text AS name,
       pg_catalog.obj_description(n.oid, 'pg_namespace') AS comment,
       pg_catalog.pg_get_userbyid(n.nspowner)::text AS owner
FROM pg_catalog.pg_namespace n
WHERE n.nspname = ANY (%(schemas)s)
ORDER BY n.nspname
