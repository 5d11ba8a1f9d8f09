-- Foreign keys: both tables, the pairs of columns, and whether the key is unique on its own table.
-- The key of a partition is its parent's.
SELECT
    n.nspname,
    c.relname,
    fn.nspname,
    fc.relname,
    k.conname,
    p.columns,
    p.referenced,
    EXISTS (
        SELECT
        FROM pg_constraint AS u
        WHERE u.conrelid = k.conrelid
            AND u.contype IN ('p', 'u')
            AND (SELECT array_agg(x ORDER BY x) FROM unnest(u.conkey) AS x)
                = (SELECT array_agg(x ORDER BY x) FROM unnest(k.conkey) AS x)
    )
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_class AS fc ON fc.oid = k.confrelid
JOIN pg_namespace AS fn ON fn.oid = fc.relnamespace
CROSS JOIN LATERAL (
    SELECT
        array_agg(a.attname::text ORDER BY pair.place) AS columns,
        array_agg(fa.attname::text ORDER BY pair.place) AS referenced
    FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair (number, foreign_number, place)
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = pair.number
    JOIN pg_attribute AS fa ON fa.attrelid = k.confrelid AND fa.attnum = pair.foreign_number
) AS p
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY n.nspname, c.relname, k.conname
