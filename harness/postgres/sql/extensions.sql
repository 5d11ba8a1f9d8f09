SELECT e.oid::bigint AS oid, e.extname::text AS name, e.extversion AS version, n.nspname::text AS schema,
       e.extrelocatable AS relocatable, d.description AS comment, a.comment AS default_comment,
       coalesce(a.default_version, '') AS default_version
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = e.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_extension'::regclass
ORDER BY e.extname
