-- Whether, and how, clones of this database can be made on its own server. One row.
SELECT d.datname::text,
       pg_catalog.pg_backend_pid(),
       pg_catalog.pg_is_in_recovery(),
       me.rolsuper,
       me.rolcreatedb OR me.rolsuper,
       d.datistemplate OR me.rolsuper OR pg_catalog.pg_has_role(me.oid, d.datdba, 'USAGE'),
       CASE WHEN me.rolsuper OR pg_catalog.pg_has_role(me.oid, d.datdba, 'MEMBER') THEN owner.rolname ELSE me.rolname END::text,
       pg_catalog.pg_database_size(d.oid),
       (SELECT count(*) FROM pg_catalog.pg_foreign_server),
       pg_catalog.clock_timestamp()
FROM pg_catalog.pg_database d
JOIN pg_catalog.pg_roles owner ON owner.oid = d.datdba
JOIN pg_catalog.pg_roles me ON me.rolname = session_user
WHERE d.datname = pg_catalog.current_database()
