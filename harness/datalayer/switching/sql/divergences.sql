-- Where dual write records what the two backends did not do alike. No column holds a value of a row or an argument.
CREATE SCHEMA IF NOT EXISTS pgparity;
CREATE TABLE IF NOT EXISTS pgparity.divergences (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    method text NOT NULL,
    module text NOT NULL,
    primary_backend text NOT NULL,
    reason text,
    paths text[] NOT NULL,
    error_kind text,
    error_code text,
    key text,
    arguments jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS divergences_at ON pgparity.divergences (at);
