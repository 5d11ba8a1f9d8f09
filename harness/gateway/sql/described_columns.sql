-- What a description says of the columns of a schema: comment, whether NULL is allowed, type (the one below all domains
-- where that is PostgreSQL's own), length, labels of an enumeration.
-- $1: schema name
WITH RECURSIVE base (oid, below) AS (
    SELECT t.oid, t.oid FROM pg_type AS t
    UNION
    SELECT b.oid, t.typbasetype
    FROM base AS b
    JOIN pg_type AS t ON t.oid = b.below
    WHERE t.typtype = 'd'
)
SELECT
    c.relname,
    a.attname,
    col_description(c.oid, a.attnum),
    NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)),
    CASE
        WHEN u.typnamespace = 'pg_catalog'::regnamespace THEN format_type(u.oid, NULL)
        ELSE format_type(a.atttypid, a.atttypmod)
    END,
    information_schema._pg_char_max_length(
        information_schema._pg_truetypid(a, t), information_schema._pg_truetypmod(a, t)
    ),
    coalesce(
        (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = u.oid), '{}'
    )
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN base ON base.oid = a.atttypid
JOIN pg_type AS u ON u.oid = base.below AND u.typtype <> 'd'
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT c.relispartition
    AND n.nspname = $1
ORDER BY c.relname, a.attnum
