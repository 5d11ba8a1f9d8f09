INSERT INTO pgparity.rejected (migration, source_table, ordinal, sqlstate, reason, rows, checksum_read)
VALUES (%s, %s, %s, %s, %s, %s, %s::numeric)
