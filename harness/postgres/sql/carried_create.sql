-- Rows of the target are being carried back since then: what is newer than the sentinel may be of that.
CREATE TABLE IF NOT EXISTS pgparity.carried (
    cutover text NOT NULL PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
)
