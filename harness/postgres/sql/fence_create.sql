-- The fence around this database's tables: written in the transaction that takes the rights, so that what was taken is
-- never unknown. There is one at most.
CREATE SCHEMA IF NOT EXISTS pgparity;

CREATE TABLE IF NOT EXISTS pgparity.fence (
    only_one boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (only_one),
    cutover  text NOT NULL,
    at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    schema_made boolean NOT NULL,
    here     oid NOT NULL,
    asked    jsonb NOT NULL,
    taken    jsonb NOT NULL,
    by_hand  text[] NOT NULL
);

COMMENT ON TABLE pgparity.fence IS
    'Writes are revoked by pgparity cutover. pgparity cutover rollback gives them back; so do the statements in by_hand.';
COMMENT ON COLUMN pgparity.fence.here IS 'The database that the numbers in taken belong to: a restored dump has another.';
