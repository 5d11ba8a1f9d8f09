-- The parts of a table that hold rows: itself, or the leaves of a partitioned one; with pages, bytes with TOAST, and
-- whether their blocks may be read one by one, and what their indexes take.
SELECT n.nspname AS schema,
       c.relname AS name,
       c.relkind = 'r' AND a.amname = 'heap' AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS cut,
       pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint AS blocks,
       pg_catalog.pg_table_size(c.oid) AS bytes,
       pg_catalog.pg_indexes_size(c.oid) AS index_bytes
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
JOIN pg_catalog.pg_class c ON c.oid = part.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
ORDER BY n.nspname, c.relname
