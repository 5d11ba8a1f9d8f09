-- What the OIDs of a statement's columns stand for. typelem alone does not make an array (name, point have one too).
SELECT t.oid::bigint,
       n.nspname::text,
       t.typname::text,
       pg_catalog.format_type(t.oid, NULL),
       e.typname::text
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A' AND e.typarray = t.oid
WHERE t.oid = ANY (%s::bigint[]::oid[])
