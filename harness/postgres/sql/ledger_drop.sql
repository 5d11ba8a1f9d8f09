DROP TABLE IF EXISTS pgparity.rejected, pgparity.large_object, pgparity.large_objects,
    pgparity.ledger, pgparity.planned_chunk, pgparity.moved_table, pgparity.made
