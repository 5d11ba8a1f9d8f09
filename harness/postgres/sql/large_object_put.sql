SELECT pg_catalog.lo_put(p.oid, p.first, p.data)
FROM unnest(%(oids)s::pg_catalog.oid[], %(offsets)s::bigint[], %(data)b::bytea[]) AS p (oid, first, data)
