-- Sessions that wait for a lock to write rows of these relations, with their role and whether that is a superuser.
SELECT w.pid, coalesce(a.usename::text, ''), coalesce(r.rolsuper, false)
FROM (
    SELECT DISTINCT l.pid
    FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'relation'
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
      AND l.relation = ANY (%(relations)s::oid[])
      AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      AND NOT l.granted
      AND l.pid <> pg_catalog.pg_backend_pid()
) AS w
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = w.pid
LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = a.usename
ORDER BY w.pid
