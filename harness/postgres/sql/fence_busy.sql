-- Transactions of others that hold a lock with which rows of these relations are written. pg_locks shows every lock to
-- everybody; what pg_stat_activity hides from this role stays empty.
SELECT l.virtualtransaction::text,
       l.pid,
       coalesce(max(x.gid), max(a.application_name), '')::text,
       coalesce(max(x.owner)::text, max(a.usename)::text, ''),
       extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(max(x.prepared), max(a.xact_start)))::double precision,
       pg_catalog.array_agg(DISTINCT l.relation::bigint)
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
LEFT JOIN pg_catalog.pg_locks AS t
    ON l.pid IS NULL AND t.pid IS NULL AND t.virtualtransaction = l.virtualtransaction
    AND t.locktype = 'transactionid'
LEFT JOIN pg_catalog.pg_prepared_xacts AS x ON x.transaction = t.transactionid
WHERE l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND l.relation = ANY (%(relations)s::oid[])
  AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
  AND l.granted
  AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
GROUP BY l.virtualtransaction, l.pid
ORDER BY l.pid
