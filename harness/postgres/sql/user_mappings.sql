-- The view shows the options to whom they concern, NULL to others and where there are none: `readable` repeats its rule.
SELECT m.umid::bigint AS oid, CASE WHEN m.umuser <> 0 THEN m.usename::text END AS user, m.srvname::text AS server,
       m.umoptions AS options,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
       OR m.umuser = 0 AND pg_catalog.pg_has_role(s.srvowner, 'USAGE')
       OR m.usename = current_user
           AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(s.oid, 'USAGE'))
       AS readable
FROM pg_catalog.pg_user_mappings m
JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
ORDER BY m.srvname, m.usename
