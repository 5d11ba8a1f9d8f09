SELECT ordinal, sqlstate, reason, rows, checksum_read::text
FROM pgparity.rejected
WHERE migration = %s AND source_table = %s
ORDER BY ordinal, sqlstate, reason
