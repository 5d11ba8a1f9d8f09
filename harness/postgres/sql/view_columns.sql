-- Who needs a column of a view needs the view: `part` is a number that no dependency speaks of, so that the view is
-- found for it. `older` stands in for attcompression, which exists since PostgreSQL 14. A target of -1 became NULL in 17.
SELECT c.oid::bigint AS oid, -100000 - a.attnum::int AS part,
       n.nspname::text AS schema, c.relname::text AS table, a.attname::text AS name,
       pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) AS default,
       CASE WHEN a.attstorage <> t.typstorage AND c.relkind = 'm' THEN
           CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END
       END AS storage,
       CASE a.compression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       CASE WHEN a.attstattarget >= 0 AND c.relkind = 'm' THEN a.attstattarget::int END AS statistics,
       a.attoptions AS options,
       d.description AS comment,
       CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END
           AS type_storage,
       c.relkind = 'm' AS of_materialized
FROM (SELECT ''::"char" AS attcompression) AS older
CROSS JOIN LATERAL (
    SELECT attrelid, attname, attnum, attstorage, atttypid, attstattarget, attoptions, attcompression AS compression
    FROM pg_catalog.pg_attribute
    WHERE attnum > 0 AND NOT attisdropped
) AS a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('v', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.objsubid = a.attnum AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, a.attnum
