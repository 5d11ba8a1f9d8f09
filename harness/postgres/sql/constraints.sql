-- The NOT NULL rows that PostgreSQL 18 keeps here (contype 'n') are the columns' own attribute. `older` stands in for
-- conenforced, which exists since 18. A foreign key to a partitioned table has a row more for each partition, which is
-- PostgreSQL's own affair.
SELECT con.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS table, con.conname::text AS name,
       CASE con.contype
           WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check'
           ELSE 'exclusion'
       END AS type,
       pg_catalog.regexp_replace(
           pg_catalog.pg_get_constraintdef(con.oid),
           '( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT VALID| NOT ENFORCED)?$', ''
       ) AS definition,
       con.convalidated OR NOT con.enforced AS validated, con.enforced,
       con.condeferrable AS deferrable, con.condeferred AS deferred,
       d.description AS comment,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.n)
        FROM pg_catalog.unnest(con.conkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum) AS columns,
       CASE WHEN con.contype = 'f' THEN ARRAY[fn.nspname::text, f.relname::text] END AS references,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.n)
        FROM pg_catalog.unnest(con.confkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum) AS references_columns,
       con.conparentid <> 0 OR NOT con.conislocal AS inherited
FROM (SELECT true AS conenforced) AS older
CROSS JOIN LATERAL (
    SELECT oid, conname, conrelid, contype, conkey, confrelid, confkey, convalidated, condeferrable, condeferred,
           conparentid, conislocal, conenforced AS enforced
    FROM pg_catalog.pg_constraint
    WHERE contype IN ('p', 'u', 'f', 'c', 'x') AND conrelid <> 0
) AS con
JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = con.confrelid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = con.conparentid
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = con.oid AND d.classoid = 'pg_catalog.pg_constraint'::regclass
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (%(schemas)s)
  AND parent.conrelid IS DISTINCT FROM con.conrelid
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, con.conname
