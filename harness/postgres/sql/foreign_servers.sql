SELECT s.oid::bigint AS oid, s.srvname::text AS name, w.fdwname::text AS foreign_data_wrapper, s.srvtype AS type,
       s.srvversion AS version, s.srvoptions AS options, pg_catalog.pg_get_userbyid(s.srvowner)::text AS owner,
       d.description AS comment
FROM pg_catalog.pg_foreign_server s
JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = s.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_foreign_server'::regclass
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_foreign_server'::regclass AND e.objid = s.oid AND e.deptype = 'e'
)
ORDER BY s.srvname
