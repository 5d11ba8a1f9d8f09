DROP TABLE IF EXISTS pgparity.rejected, pgparity.ledger, pgparity.planned_chunk, pgparity.moved_table, pgparity.made
