-- Tables of the source whose rows are being carried back since then: what is newer than the sentinel there may be of
-- that. Once that has ended, `snapshot` and `rows` say how the table was left.
CREATE TABLE IF NOT EXISTS pgparity.carried (
    cutover  text NOT NULL,
    relation text NOT NULL,
    at       timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    snapshot text,
    rows     bigint,
    PRIMARY KEY (cutover, relation)
)
