-- Tables, views and foreign tables of the exposed schemas, with their primary keys.
-- $1: schema names
SELECT
    n.nspname,
    c.relname,
    c.relkind IN ('v', 'm'),
    c.relkind IN ('r', 'p') OR pg_relation_is_updatable(c.oid, true) & 8 = 8,
    c.relkind IN ('r', 'p') OR pg_relation_is_updatable(c.oid, true) & 4 = 4,
    c.relkind IN ('r', 'p') OR pg_relation_is_updatable(c.oid, true) & 16 = 16,
    coalesce(
        (
            SELECT array_agg(a.attname::text ORDER BY a.attname)
            FROM pg_constraint AS k
            JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
            WHERE k.conrelid = c.oid AND k.contype = 'p'
        ),
        '{}'
    )
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT c.relispartition
    AND n.nspname = ANY ($1)
ORDER BY n.nspname, c.relname
