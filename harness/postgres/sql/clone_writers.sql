-- Open transactions of a database that have an id: they wrote, or are about to. Parameter: the database.
SELECT count(*)
  FROM pg_catalog.pg_stat_activity
 WHERE datname = %s AND backend_xid IS NOT NULL AND backend_type = 'client backend'
