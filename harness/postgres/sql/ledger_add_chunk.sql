INSERT INTO pgparity.ledger AS line
    (migration, source_table, ordinal, lower, upper, rows, bytes, seconds, snapshot, transactions, checksum_source)
VALUES (
    %s, %s, %s, %s::text[], %s::text[], %s, %s, %s, %s,
    ARRAY[pg_catalog.pg_current_xact_id()]::pg_catalog.xid8[], %s::numeric
)
ON CONFLICT (migration, source_table, ordinal) DO UPDATE
SET rows = excluded.rows,
    bytes = line.bytes + excluded.bytes,
    seconds = line.seconds + excluded.seconds,
    snapshot = excluded.snapshot,
    finished_at = pg_catalog.clock_timestamp(),
    transactions = line.transactions || excluded.transactions,
    checksum_source = excluded.checksum_source,
    checksum_target = NULL
RETURNING
    pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    transactions::text[]
