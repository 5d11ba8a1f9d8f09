SELECT e.oid::bigint AS oid, e.extname::text AS name, e.extversion AS version, n.nspname::text AS schema,
       coalesce(a.default_version, '') AS default_version
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname
ORDER BY e.extname
