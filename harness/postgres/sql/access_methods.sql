SELECT a.oid::bigint AS oid, a.amname::text AS name, CASE a.amtype WHEN 't' THEN 'table' ELSE 'index' END AS type,
       ARRAY[n.nspname::text, p.proname::text] AS handler, d.description AS comment
FROM pg_catalog.pg_am a
JOIN pg_catalog.pg_proc p ON p.oid = a.amhandler
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = a.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_am'::regclass
WHERE a.oid >= 16384
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_am'::regclass AND e.objid = a.oid AND e.deptype = 'e'
  )
ORDER BY a.amname
