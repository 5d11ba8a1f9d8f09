SELECT source_table,
       ordinal,
       lower,
       upper,
       rows,
       bytes,
       seconds,
       pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
FROM pgparity.ledger
WHERE migration = %s
ORDER BY source_table, ordinal
