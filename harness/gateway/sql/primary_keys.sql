-- Primary keys of all tables, the columns in the key's order: views of tables that are not exposed show them as well.
SELECT
    n.nspname,
    c.relname,
    c.relispartition,
    p.columns,
    k.conrelid,
    k.conkey
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY each.place) AS columns
    FROM unnest(k.conkey) WITH ORDINALITY AS each (number, place)
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = each.number
) AS p
WHERE k.contype = 'p'
ORDER BY n.nspname, c.relname
