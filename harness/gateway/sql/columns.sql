-- The columns of those relations: type as written, type below all domains, default.
-- $1: schema names
WITH RECURSIVE base (oid, below) AS (
    SELECT t.oid, t.oid FROM pg_type AS t
    UNION
    SELECT b.oid, t.typbasetype
    FROM base AS b
    JOIN pg_type AS t ON t.oid = b.below
    WHERE t.typtype = 'd'
)
SELECT
    n.nspname,
    c.relname,
    a.attname,
    format_type(a.atttypid, a.atttypmod),
    format_type(u.oid, NULL),
    CASE
        WHEN t.typtype = 'd' AND d.adbin IS NULL THEN pg_get_expr(t.typdefaultbin, 0)
        WHEN a.attidentity = 'd'
            THEN format('nextval(%L)', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname))
        WHEN a.attgenerated <> '' THEN NULL
        ELSE pg_get_expr(d.adbin, d.adrelid)
    END
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN base ON base.oid = a.atttypid
JOIN pg_type AS u ON u.oid = base.below AND u.typtype <> 'd'
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT c.relispartition
    AND n.nspname = ANY ($1)
ORDER BY n.nspname, c.relname, a.attnum
