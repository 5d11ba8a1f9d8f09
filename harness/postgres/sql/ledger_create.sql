-- The ledger of what was moved into this database. Its lines are written in the transaction that writes the rows.
CREATE SCHEMA IF NOT EXISTS pgparity;

-- Its only row is its own transaction, until the schema is dumped and restored: what the ledger says of transactions is
-- about rows of this server, and would name any rows of another one.
CREATE TABLE IF NOT EXISTS pgparity.made (here xid8 NOT NULL);
INSERT INTO pgparity.made SELECT pg_catalog.pg_current_xact_id() WHERE NOT EXISTS (SELECT FROM pgparity.made);

CREATE TABLE IF NOT EXISTS pgparity.moved_table (
    migration    text NOT NULL,
    source_table text NOT NULL,
    target_table text NOT NULL,
    mode         text NOT NULL CHECK (mode IN ('copy', 'upsert')),
    started_at   timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at  timestamptz,
    PRIMARY KEY (migration, source_table)
);

-- How a table is cut: written before its first chunk moves, so that a rerun finds the same chunks.
CREATE TABLE IF NOT EXISTS pgparity.planned_chunk (
    migration    text NOT NULL,
    source_table text NOT NULL,
    ordinal      integer NOT NULL CHECK (ordinal >= 0),
    part         text[],
    first_block  bigint,
    end_block    bigint,
    lower        text[],
    upper        text[],
    bytes        bigint NOT NULL,
    PRIMARY KEY (migration, source_table, ordinal),
    FOREIGN KEY (migration, source_table) REFERENCES pgparity.moved_table (migration, source_table) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS pgparity.ledger (
    migration       text NOT NULL,
    source_table    text NOT NULL,
    ordinal         integer NOT NULL CHECK (ordinal >= 0),
    lower           text[],
    upper           text[],
    rows            bigint NOT NULL,
    bytes           bigint NOT NULL,
    seconds         double precision NOT NULL,
    snapshot        text NOT NULL,
    finished_at     timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    transactions    xid8[] NOT NULL DEFAULT '{}',
    checksum_source numeric,
    checksum_target numeric,
    PRIMARY KEY (migration, source_table, ordinal),
    FOREIGN KEY (migration, source_table) REFERENCES pgparity.moved_table (migration, source_table) ON DELETE CASCADE
);

COMMENT ON SCHEMA pgparity IS 'What pgparity moved into this database; it may be dropped once nothing is to be resumed.';
COMMENT ON COLUMN pgparity.ledger.transactions IS 'The transactions that wrote the rows of the chunk: their xmin.';
COMMENT ON COLUMN pgparity.ledger.checksum_source IS 'The sum of the hashes of the rows as the source had them.';
COMMENT ON COLUMN pgparity.ledger.checksum_target IS 'The same of the rows that are on the target, once it was read.';
