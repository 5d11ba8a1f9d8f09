-- Beside the ledger, where a source has large objects: what was moved of them. Lines are written in the transaction that
-- writes the bytes. A number belongs to the database that it comes from, whichever tables a migration is about.
CREATE TABLE IF NOT EXISTS pgparity.large_objects (
    migration   text PRIMARY KEY,
    origin      text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at timestamptz
);

CREATE TABLE IF NOT EXISTS pgparity.large_object (
    origin   text NOT NULL,
    oid      oid NOT NULL,
    bytes    bigint,
    digest   text,
    snapshot text NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (origin, oid)
);

COMMENT ON COLUMN pgparity.large_object.digest IS
    'SHA-256 of the SHA-256 of its pieces of 1 MiB, as it was moved; NULL: not all of it is there.';
