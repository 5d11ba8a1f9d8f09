SELECT t.oid::bigint AS oid, pg_catalog.format_type(t.trftype, NULL) AS type, l.lanname::text AS language,
       ARRAY[fn.nspname::text, f.proname::text] AS from_sql,
       ARRAY[tn.nspname::text, o.proname::text] AS to_sql,
       d.description AS comment
FROM pg_catalog.pg_transform t
JOIN pg_catalog.pg_language l ON l.oid = t.trflang
LEFT JOIN pg_catalog.pg_proc f ON f.oid = t.trffromsql
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
LEFT JOIN pg_catalog.pg_proc o ON o.oid = t.trftosql
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = o.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_transform'::regclass
WHERE t.oid >= 16384
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_transform'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY 2, 3
