-- Rows that the target refused, chunk by chunk and reason by reason; the line of the ledger takes them with it.
CREATE TABLE IF NOT EXISTS pgparity.rejected (
    migration     text NOT NULL,
    source_table  text NOT NULL,
    ordinal       integer NOT NULL,
    sqlstate      text NOT NULL,
    reason        text NOT NULL,
    rows          bigint NOT NULL,
    checksum_read numeric NOT NULL,
    PRIMARY KEY (migration, source_table, ordinal, sqlstate, reason),
    FOREIGN KEY (migration, source_table, ordinal) REFERENCES pgparity.ledger ON DELETE CASCADE
);

COMMENT ON COLUMN pgparity.rejected.checksum_read IS 'The sum of the hashes of all rows of the chunk, refused or not.';
