DELETE FROM pgparity.planned_chunk
WHERE migration = %s AND source_table = %s AND ordinal >= %s
