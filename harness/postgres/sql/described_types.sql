-- What the OIDs of a statement's columns stand for, and what types of users are made of: an array's elements, the bounds
-- of a range, the type under a domain (part), the labels of an enum, the fields of a composite type. typelem alone does
-- not make an array (name, point have one too); rngmultitypid is there since 14.
SELECT t.oid::bigint,
       n.nspname::text,
       t.typname::text,
       pg_catalog.format_type(t.oid, NULL),
       e.typname::text,
       CASE WHEN e.oid IS NOT NULL THEN 'a' ELSE t.typtype::text END,
       t.typarray::bigint,
       p.oid::bigint,
       p.typname::text,
       l.labels,
       f.names,
       f.types
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A' AND e.typarray = t.oid
LEFT JOIN pg_catalog.pg_range AS r
    ON (t.typtype = 'r' AND r.rngtypid = t.oid)
    OR (t.typtype = 'm' AND (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid = t.oid)
LEFT JOIN pg_catalog.pg_type AS p
    ON p.oid = CASE WHEN e.oid IS NOT NULL THEN e.oid WHEN t.typtype = 'd' THEN t.typbasetype ELSE r.rngsubtype END
LEFT JOIN LATERAL (
    SELECT pg_catalog.array_agg(x.enumlabel::text ORDER BY x.enumsortorder) AS labels
    FROM pg_catalog.pg_enum AS x
    WHERE x.enumtypid = t.oid
) AS l ON t.typtype = 'e'
LEFT JOIN LATERAL (
    SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) AS names,
           pg_catalog.array_agg(a.atttypid::bigint ORDER BY a.attnum) AS types
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
) AS f ON t.typtype = 'c'
WHERE t.oid = ANY (%s::bigint[]::oid[])
