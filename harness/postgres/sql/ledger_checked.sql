UPDATE pgparity.ledger
SET checksum_target = %s::numeric
WHERE migration = %s AND source_table = %s AND ordinal = %s
