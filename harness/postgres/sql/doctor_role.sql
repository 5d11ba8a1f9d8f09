-- The role, what it may do in the database, and how many connections are taken. pg_stat_activity hides the kind of other
-- roles' backends, so that the server's count is that of all backends that work in a database.
SELECT r.rolname::text AS role, r.rolsuper AS superuser, r.rolbypassrls AS bypasses_row_security,
       pg_catalog.has_database_privilege(d.oid, 'CREATE') AS can_create_in_database,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.current_setting('max_connections')::int AS max_connections,
       pg_catalog.current_setting('superuser_reserved_connections')::int
           + coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int AS reserved,
       (SELECT coalesce(sum(s.numbackends), 0)::int FROM pg_catalog.pg_stat_database s) AS used,
       d.datconnlimit AS database_limit,
       (SELECT s.numbackends FROM pg_catalog.pg_stat_database s WHERE s.datid = d.oid) AS database_used,
       r.rolconnlimit AS role_limit,
       (SELECT count(*)::int FROM pg_catalog.pg_stat_activity a WHERE a.usesysid = r.oid) AS role_used,
       -- The session itself was given another one; this is what it began with.
       (SELECT t.reset_val::int FROM pg_catalog.pg_settings t WHERE t.name = 'statement_timeout')
           AS statement_timeout_default
FROM pg_catalog.pg_roles r
JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
WHERE r.rolname = current_user
