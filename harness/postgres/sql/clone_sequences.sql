-- Sequences and the columns that are filled from them: identity, increment, greatest value,
-- schema, table and column (NULL where no column is).
SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname), s.increment_by, s.max_value,
       used.schema, used.relation, used.attribute
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = c.relname
LEFT JOIN LATERAL (
    SELECT tn.nspname::text AS schema, t.relname::text AS relation, a.attname::text AS attribute
    FROM (
        SELECT d.refobjid AS relation, d.refobjsubid AS number
        FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
        UNION
        SELECT e.adrelid, e.adnum
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_attrdef e ON e.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refobjid = c.oid
          AND d.refclassid = 'pg_catalog.pg_class'::regclass
    ) AS filled
    JOIN pg_catalog.pg_attribute a ON a.attrelid = filled.relation AND a.attnum = filled.number
    JOIN pg_catalog.pg_class t ON t.oid = filled.relation
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
) AS used ON true
WHERE c.relkind = 'S' AND n.nspname = ANY (%s)
