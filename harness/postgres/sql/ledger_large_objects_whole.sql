UPDATE pgparity.large_object AS line
SET bytes = whole.bytes, digest = whole.digest, moved_at = pg_catalog.clock_timestamp()
FROM unnest(%(oids)s::pg_catalog.oid[], %(sizes)s::bigint[], %(digests)s::text[]) AS whole (oid, bytes, digest)
WHERE line.origin = %(origin)s AND line.oid = whole.oid
