UPDATE pgparity.moved_table
SET finished_at = pg_catalog.clock_timestamp()
WHERE migration = %s AND source_table = %s AND finished_at IS NULL
