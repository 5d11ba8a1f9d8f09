SELECT y.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name,
       ARRAY(
           SELECT ARRAY[
               a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attcollation <> t.typcollation THEN cn.nspname::text END,
               CASE WHEN a.attcollation <> t.typcollation THEN co.collname::text END
           ]
           FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
           LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
           LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
           ORDER BY a.attnum
       ) AS members,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(y.typowner)::text AS owner
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type y ON y.oid = c.reltype
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = y.oid AND d.classoid = 'pg_catalog.pg_type'::regclass
WHERE c.relkind = 'c' AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = y.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname
