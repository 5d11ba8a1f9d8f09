INSERT INTO pgparity.ledger (migration, source_table, ordinal, lower, upper, rows, bytes, seconds, snapshot)
VALUES (%s, %s, %s, %s::text[], %s::text[], %s, %s, %s, %s)
RETURNING pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
