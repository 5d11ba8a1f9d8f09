WITH planned AS (
    DELETE FROM pgparity.planned_chunk WHERE migration = %(migration)s AND source_table = %(table)s
)
DELETE FROM pgparity.ledger WHERE migration = %(migration)s AND source_table = %(table)s
