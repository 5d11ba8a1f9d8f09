-- Foreign keys: both tables, the pairs of columns as names and numbers, and whether the key is unique on its own table.
-- The key of a partition is its parent's.
WITH uniques AS MATERIALIZED (
    SELECT u.conrelid, (SELECT array_agg(x ORDER BY x) FROM unnest(u.conkey) AS x) AS numbers
    FROM pg_constraint AS u
    WHERE u.contype IN ('p', 'u')
)
SELECT
    n.nspname,
    c.relname,
    fn.nspname,
    fc.relname,
    k.conname,
    p.columns,
    p.referenced,
    (k.conrelid, p.numbers) IN (SELECT u.conrelid, u.numbers FROM uniques AS u),
    k.conrelid,
    k.conkey,
    k.confrelid,
    k.confkey
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_class AS fc ON fc.oid = k.confrelid
JOIN pg_namespace AS fn ON fn.oid = fc.relnamespace
CROSS JOIN LATERAL (
    SELECT
        array_agg(a.attname::text ORDER BY pair.place) AS columns,
        array_agg(fa.attname::text ORDER BY pair.place) AS referenced,
        array_agg(pair.number ORDER BY pair.number) AS numbers
    FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair (number, foreign_number, place)
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = pair.number
    JOIN pg_attribute AS fa ON fa.attrelid = k.confrelid AND fa.attnum = pair.foreign_number
) AS p
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY n.nspname, c.relname, k.conname
