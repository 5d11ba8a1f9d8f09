-- What the indexes of a table take, or those of the leaves of a partitioned one; in bytes.
SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_indexes_size(part.oid)), 0)::bigint AS bytes
FROM (
    SELECT t.relid AS oid
    FROM pg_catalog.pg_class r
    JOIN pg_catalog.pg_namespace s ON s.oid = r.relnamespace
    CROSS JOIN LATERAL pg_catalog.pg_partition_tree(r.oid) t
    WHERE s.nspname = %(schema)s AND r.relname = %(name)s AND r.relkind = 'p' AND t.isleaf
    UNION ALL
    SELECT r.oid
    FROM pg_catalog.pg_class r
    JOIN pg_catalog.pg_namespace s ON s.oid = r.relnamespace
    WHERE s.nspname = %(schema)s AND r.relname = %(name)s AND r.relkind = 'r'
) part
