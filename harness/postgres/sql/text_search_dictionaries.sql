SELECT t.oid::bigint AS oid, n.nspname::text AS schema, t.dictname::text AS name,
       ARRAY[tn.nspname::text, tm.tmplname::text] AS template,
       CASE WHEN t.dictinitoption IS NOT NULL THEN ARRAY[t.dictinitoption] END AS options,
       pg_catalog.pg_get_userbyid(t.dictowner)::text AS owner, d.description AS comment
FROM pg_catalog.pg_ts_dict t
JOIN pg_catalog.pg_namespace n ON n.oid = t.dictnamespace
JOIN pg_catalog.pg_ts_template tm ON tm.oid = t.dicttemplate
JOIN pg_catalog.pg_namespace tn ON tn.oid = tm.tmplnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_ts_dict'::regclass
WHERE t.oid >= 16384 AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_ts_dict'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, t.dictname
