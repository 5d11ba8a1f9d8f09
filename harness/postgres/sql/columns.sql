-- attgenerated 'v' (virtual) exists since PostgreSQL 18.
SELECT c.oid::bigint AS oid, a.attnum::int AS part, n.nspname::text AS schema, c.relname::text AS table,
       a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null,
       CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) END AS default,
       CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) END AS generated,
       CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated_kind,
       CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity_kind,
       CASE WHEN a.attcollation <> t.typcollation THEN ARRAY[cn.nspname::text, co.collname::text] END AS collation,
       d.description AS comment,
       pg_catalog.row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)::int AS position,
       owned.sequence,
       a.atttypid::bigint AS type_oid,
       NOT a.attislocal AS inherited
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = a.attrelid AND d.objsubid = a.attnum AND d.classoid = 'pg_catalog.pg_class'::regclass
LEFT JOIN (
    SELECT dp.refobjid, dp.refobjsubid,
           pg_catalog.min(ARRAY[sn.nspname::text, s.relname::text]) AS sequence
    FROM pg_catalog.pg_depend dp
    JOIN pg_catalog.pg_class s ON s.oid = dp.objid AND s.relkind = 'S'
    JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
    WHERE dp.classid = 'pg_catalog.pg_class'::regclass AND dp.refclassid = 'pg_catalog.pg_class'::regclass
      AND dp.deptype IN ('a', 'i') AND dp.refobjsubid > 0
    GROUP BY dp.refobjid, dp.refobjsubid
) AS owned ON owned.refobjid = a.attrelid AND owned.refobjsubid = a.attnum
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, a.attnum
