-- What is written last to a fenced source; a snapshot in which it is seen has all that was written before.
CREATE SCHEMA IF NOT EXISTS pgparity;

CREATE TABLE IF NOT EXISTS pgparity.sentinel (
    cutover     text NOT NULL PRIMARY KEY,
    token       text NOT NULL,
    schema_made boolean NOT NULL,
    at          timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
)
