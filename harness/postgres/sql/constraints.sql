-- The NOT NULL rows that PostgreSQL 18 keeps here (contype 'n') are the columns' own attribute. `older` stands in for
-- conenforced, which exists since 18. A foreign key to a partitioned table has a row more for each partition, which is
-- PostgreSQL's own affair. A check that is merged with a parent's has its name.
SELECT con.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS table, con.conname::text AS name,
       CASE con.contype
           WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check'
           ELSE 'exclusion'
       END AS type,
       CASE
           WHEN con.condeferrable OR NOT con.convalidated THEN pg_catalog.regexp_replace(
               pg_catalog.pg_get_constraintdef(con.oid),
               '( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT VALID| NOT ENFORCED)?$', ''
           )
           ELSE pg_catalog.pg_get_constraintdef(con.oid)
       END AS definition,
       con.convalidated OR NOT con.enforced AS validated, con.enforced,
       con.condeferrable AS deferrable, con.condeferred AS deferred,
       coalesce(x.indisclustered, false) AS clustered, i.reloptions AS options,
       ts.spcname::text AS tablespace,
       CASE WHEN above.oid IS NOT NULL THEN ARRAY[an.nspname::text, above.relname::text] END AS attached,
       xd.description AS index_comment, d.description AS comment,
       ARRAY(
           SELECT (SELECT a.attname::text FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = con.conrelid AND a.attnum = k.attnum)
           FROM pg_catalog.unnest(con.conkey) WITH ORDINALITY AS k (attnum, n)
           WHERE k.attnum <> 0 -- a whole row, and the expression of an exclusion constraint
           ORDER BY k.n
       ) AS columns,
       CASE WHEN con.contype = 'f' THEN ARRAY[fn.nspname::text, f.relname::text] END AS references,
       ARRAY(
           SELECT (SELECT a.attname::text FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = con.confrelid AND a.attnum = k.attnum)
           FROM pg_catalog.unnest(con.confkey) WITH ORDINALITY AS k (attnum, n)
           ORDER BY k.n
       ) AS references_columns,
       con.conparentid <> 0 OR NOT con.conislocal AS inherited,
       CASE
           WHEN parent.oid IS NOT NULL THEN ARRAY[ARRAY[pn.nspname::text, pc.relname::text, parent.conname::text]]
           ELSE merged.names
       END AS parents
FROM (SELECT true AS conenforced) AS older
CROSS JOIN LATERAL (
    SELECT oid, conname, conrelid, contype, conkey, confrelid, confkey, convalidated, condeferrable, condeferred,
           conparentid, conislocal, coninhcount, conindid, conenforced AS enforced
    FROM pg_catalog.pg_constraint
    WHERE contype IN ('p', 'u', 'f', 'c', 'x') AND conrelid <> 0
) AS con
JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = con.confrelid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = con.conparentid
LEFT JOIN pg_catalog.pg_class pc ON pc.oid = parent.conrelid
LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
LEFT JOIN LATERAL (
    SELECT pg_catalog.array_agg(ARRAY[mn.nspname::text, mc.relname::text, m.conname::text]
                                ORDER BY mn.nspname, mc.relname) AS names
    FROM pg_catalog.pg_inherits h
    JOIN pg_catalog.pg_constraint m ON m.conrelid = h.inhparent AND m.conname = con.conname AND m.contype = 'c'
    JOIN pg_catalog.pg_class mc ON mc.oid = m.conrelid
    JOIN pg_catalog.pg_namespace mn ON mn.oid = mc.relnamespace
    WHERE h.inhrelid = con.conrelid AND NOT m.connoinherit
      -- Here, so that nothing is looked for in vain.
      AND con.contype = 'c' AND con.coninhcount > 0
) AS merged ON true
LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = con.conindid AND con.contype IN ('p', 'u', 'x')
LEFT JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = i.reltablespace
LEFT JOIN pg_catalog.pg_inherits xh ON xh.inhrelid = x.indexrelid
LEFT JOIN pg_catalog.pg_class above ON above.oid = xh.inhparent
LEFT JOIN pg_catalog.pg_namespace an ON an.oid = above.relnamespace
LEFT JOIN pg_catalog.pg_description xd
    ON xd.objoid = x.indexrelid AND xd.objsubid = 0 AND xd.classoid = 'pg_catalog.pg_class'::regclass
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = con.oid AND d.classoid = 'pg_catalog.pg_constraint'::regclass
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname = ANY (%(schemas)s)
  AND parent.conrelid IS DISTINCT FROM con.conrelid
  AND c.oid NOT IN (
      SELECT e.objid FROM pg_catalog.pg_depend e
      WHERE e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.classid = 'pg_catalog.pg_class'::regclass
        AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, con.conname
