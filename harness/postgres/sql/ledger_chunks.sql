SELECT source_table,
       ordinal,
       lower,
       upper,
       rows,
       bytes,
       seconds,
       snapshot,
       pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       transactions::text[],
       checksum_source::text,
       checksum_target::text
FROM pgparity.ledger
WHERE migration = %s
ORDER BY source_table, ordinal
