SELECT t.oid::bigint AS oid, n.nspname::text AS schema, t.tmplname::text AS name,
       ARRAY[dn.nspname::text, i.proname::text] AS init,
       ARRAY[ln.nspname::text, l.proname::text] AS lexize,
       d.description AS comment
FROM pg_catalog.pg_ts_template t
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
LEFT JOIN pg_catalog.pg_proc i ON i.oid = t.tmplinit
LEFT JOIN pg_catalog.pg_namespace dn ON dn.oid = i.pronamespace
JOIN pg_catalog.pg_proc l ON l.oid = t.tmpllexize
JOIN pg_catalog.pg_namespace ln ON ln.oid = l.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_ts_template'::regclass
WHERE t.oid >= 16384 AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_ts_template'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, t.tmplname
