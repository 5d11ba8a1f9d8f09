-- The server's roles, and whether the session's role may make each an owner, and still read what it owns then.
SELECT r.rolname::text,
       me.rolsuper OR pg_catalog.pg_has_role(me.oid, r.oid, 'USAGE') AND pg_catalog.pg_has_role(
           me.oid, r.oid,
           CASE WHEN pg_catalog.current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END
       )
FROM pg_catalog.pg_roles r, pg_catalog.pg_roles me
WHERE me.rolname = current_user
