-- The digest of each of some pieces of large objects.
SELECT p.ordinal, pg_catalog.sha256(pg_catalog.lo_get(p.oid, p.first, p.length))
FROM unnest(%(oids)s::pg_catalog.oid[], %(offsets)s::bigint[], %(lengths)s::integer[])
     WITH ORDINALITY AS p (oid, first, length, ordinal)
