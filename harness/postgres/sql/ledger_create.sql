-- The ledger of what was moved into this database. Both tables are written in the transaction that writes the rows.
CREATE SCHEMA IF NOT EXISTS pgparity;

CREATE TABLE IF NOT EXISTS pgparity.moved_table (
    migration    text NOT NULL,
    source_table text NOT NULL,
    target_table text NOT NULL,
    mode         text NOT NULL CHECK (mode IN ('copy', 'upsert')),
    started_at   timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at  timestamptz,
    PRIMARY KEY (migration, source_table)
);

CREATE TABLE IF NOT EXISTS pgparity.ledger (
    migration    text NOT NULL,
    source_table text NOT NULL,
    ordinal      integer NOT NULL CHECK (ordinal >= 0),
    lower        text[],
    upper        text[],
    rows         bigint NOT NULL,
    bytes        bigint NOT NULL,
    seconds      double precision NOT NULL,
    snapshot     text NOT NULL,
    finished_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (migration, source_table, ordinal),
    FOREIGN KEY (migration, source_table) REFERENCES pgparity.moved_table (migration, source_table) ON DELETE CASCADE
);

COMMENT ON SCHEMA pgparity IS 'What pgparity moved into this database; it may be dropped once nothing is to be resumed.';
