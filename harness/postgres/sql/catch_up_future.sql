-- Whether the ledger of a migration has transactions that the server is yet to come to.
SELECT EXISTS (
    SELECT FROM pgparity.ledger AS line
    CROSS JOIN LATERAL pg_catalog.unnest(line.transactions) AS written (id)
    WHERE line.migration = %s AND written.id >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
)
