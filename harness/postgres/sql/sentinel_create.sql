-- What is written last to a fenced source; a snapshot in which it is seen has all that was written before. Of every row
-- that is not visible in `snapshot` it is known that it was written later. `opening` is filled before the target may be
-- opened: while it is empty, nobody can have written to the target.
CREATE SCHEMA IF NOT EXISTS pgparity;

CREATE TABLE IF NOT EXISTS pgparity.sentinel (
    cutover     text NOT NULL PRIMARY KEY,
    token       text NOT NULL,
    schema_made boolean NOT NULL,
    at          timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    snapshot    text NOT NULL DEFAULT pg_catalog.txid_current_snapshot()::text,
    opening     jsonb
)
