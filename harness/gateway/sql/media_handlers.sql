-- Media types that the database itself produces: domains named like one, which a function or aggregate returns.
-- $1: schema names
SELECT DISTINCT lower(t.typname)
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_type AS t ON t.oid = p.prorettype AND t.typtype = 'd'
WHERE n.nspname = ANY ($1)
    AND (t.typname ~ '^[A-Za-z0-9.-]+/[A-Za-z0-9.+-]+$' OR t.typname = '*/*')
