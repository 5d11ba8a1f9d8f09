SELECT source_table, ordinal, part, first_block, end_block, lower, upper, bytes
FROM pgparity.planned_chunk
WHERE migration = %s
ORDER BY source_table, ordinal
