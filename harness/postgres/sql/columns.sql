-- attgenerated 'v' (virtual) exists since PostgreSQL 18, and so do NOT NULL constraints with a name. `older` stands in
-- for attcompression, which exists since 14. A default speaks of no column: without its table it is deparsed quicker.
SELECT c.oid::bigint AS oid, a.attnum::int AS part, n.nspname::text AS schema, c.relname::text AS table,
       a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null,
       CASE WHEN needed.coninhcount = 0 THEN needed.conname::text END AS not_null_name,
       CASE WHEN needed.coninhcount > 0 AND c.relispartition THEN needed.conname::text END AS not_null_inherited_name,
       needed.conname::text AS not_null_called, needed_comment.description AS not_null_comment,
       coalesce(needed.connoinherit, false) AS not_null_no_inherit,
       coalesce(needed.convalidated, true) AS not_null_validated,
       CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(ad.adbin, 0) END AS default,
       CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) END AS generated,
       CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated_kind,
       CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity_kind,
       CASE WHEN a.attcollation <> t.typcollation THEN ARRAY[cn.nspname::text, co.collname::text] END AS collation,
       CASE WHEN a.attstorage <> t.typstorage THEN stored.word END AS storage, usual.word AS usual_storage,
       CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END AS base_type,
       t.typtype = 'e' AS enum,
       CASE a.compression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::int END AS statistics,
       CASE WHEN c.relkind = 'f' THEN coalesce(a.attoptions, '{}') || a.attfdwoptions ELSE a.attoptions END AS options,
       c.relkind = 'f' AS foreign,
       CASE WHEN a.attinhcount > 0 THEN a.attislocal END AS local,
       d.description AS comment,
       pg_catalog.row_number() OVER (PARTITION BY n.nspname, c.relname ORDER BY a.attnum)::int AS position,
       owned.sequence,
       a.atttypid::bigint AS type_oid,
       NOT a.attislocal AS inherited,
       inherited.columns AS inherited_from, c.relispartition AS of_partition
FROM (SELECT ''::"char" AS attcompression) AS older
CROSS JOIN LATERAL (
    SELECT attrelid, attname, attnum, atttypid, atttypmod, attnotnull, attgenerated, attidentity, attcollation,
           attstorage, attstattarget, attoptions, attfdwoptions, attislocal, attinhcount, attcompression AS compression
    FROM pg_catalog.pg_attribute
    WHERE attnum > 0 AND NOT attisdropped
) AS a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN (VALUES ('p'::"char", 'plain'), ('e', 'external'), ('x', 'extended'), ('m', 'main')) AS stored (letter, word)
    ON stored.letter = a.attstorage
LEFT JOIN (VALUES ('p'::"char", 'plain'), ('e', 'external'), ('x', 'extended'), ('m', 'main')) AS usual (letter, word)
    ON usual.letter = t.typstorage
LEFT JOIN (
    SELECT oid, conrelid, conkey[1] AS attnum, conname, coninhcount, connoinherit, convalidated
    FROM pg_catalog.pg_constraint
    WHERE contype = 'n'
    OFFSET 0
) AS needed ON needed.conrelid = a.attrelid AND needed.attnum = a.attnum
LEFT JOIN pg_catalog.pg_description needed_comment
    ON needed_comment.objoid = needed.oid AND needed_comment.classoid = 'pg_catalog.pg_constraint'::regclass
LEFT JOIN (
    SELECT i.inhrelid, pa.attname,
           pg_catalog.array_agg(
               ARRAY[pn.nspname::text, p.relname::text, pa.attname::text] ORDER BY i.inhseqno
           ) AS columns
    FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_class p ON p.oid = i.inhparent AND p.relkind IN ('r', 'p', 'f')
    JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
    JOIN pg_catalog.pg_attribute pa ON pa.attrelid = p.oid AND pa.attnum > 0 AND NOT pa.attisdropped
    GROUP BY i.inhrelid, pa.attname
) AS inherited ON a.attinhcount > 0 AND inherited.inhrelid = a.attrelid AND inherited.attname = a.attname
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
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname = ANY (%(schemas)s)
  AND c.oid NOT IN (
      SELECT e.objid FROM pg_catalog.pg_depend e
      WHERE e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.classid = 'pg_catalog.pg_class'::regclass
        AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, a.attnum
