SELECT migration, source_table, target_table, mode, finished_at IS NOT NULL
FROM pgparity.moved_table
ORDER BY started_at
