-- To so many bytes; what is added is zeros. 393216 is INV_READ | INV_WRITE.
SELECT pg_catalog.lo_truncate64(held.descriptor, held.bytes), pg_catalog.lo_close(held.descriptor)
FROM (
    SELECT pg_catalog.lo_open(p.oid, 393216) AS descriptor, p.bytes
    FROM unnest(%(oids)s::pg_catalog.oid[], %(sizes)s::bigint[]) AS p (oid, bytes)
    OFFSET 0
) AS held
