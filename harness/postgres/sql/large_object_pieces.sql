-- Pieces of large objects with the digest of each, of what the server holds. OFFSET 0: a piece is read once.
SELECT held.ordinal, pg_catalog.sha256(held.data), held.data
FROM (
    SELECT p.ordinal, pg_catalog.lo_get(p.oid, p.first, p.length) AS data
    FROM unnest(%(oids)s::pg_catalog.oid[], %(offsets)s::bigint[], %(lengths)s::integer[])
         WITH ORDINALITY AS p (oid, first, length, ordinal)
    OFFSET 0
) AS held
