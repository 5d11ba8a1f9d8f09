-- Views and materialized views: their columns, and their queries as PostgreSQL keeps them.
-- $1: exposed schemas; $2: schemas whose views are followed to base tables as well
SELECT
    c.oid,
    n.nspname,
    c.relname,
    (
        SELECT array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0
    ),
    r.ev_action::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_rewrite AS r ON r.ev_class = c.oid AND r.ev_type = '1'
WHERE c.relkind IN ('v', 'm')
    AND n.nspname = ANY ($1::text[] || $2::text[])
ORDER BY n.nspname, c.relname
