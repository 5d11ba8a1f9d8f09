INSERT INTO pgparity.moved_table (migration, source_table, target_table, mode)
VALUES (%s, %s, %s, %s)
ON CONFLICT (migration, source_table) DO NOTHING
