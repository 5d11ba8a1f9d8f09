SELECT t.oid::bigint AS oid, n.nspname::text AS schema, t.prsname::text AS name,
       ARRAY[sn.nspname::text, s.proname::text] AS start,
       ARRAY[gn.nspname::text, g.proname::text] AS gettoken,
       ARRAY[en.nspname::text, e.proname::text] AS end,
       ARRAY[hn.nspname::text, h.proname::text] AS headline,
       ARRAY[ln.nspname::text, l.proname::text] AS lextypes,
       d.description AS comment
FROM pg_catalog.pg_ts_parser t
JOIN pg_catalog.pg_namespace n ON n.oid = t.prsnamespace
LEFT JOIN pg_catalog.pg_proc s ON s.oid = t.prsstart
LEFT JOIN pg_catalog.pg_namespace sn ON sn.oid = s.pronamespace
LEFT JOIN pg_catalog.pg_proc g ON g.oid = t.prstoken
LEFT JOIN pg_catalog.pg_namespace gn ON gn.oid = g.pronamespace
LEFT JOIN pg_catalog.pg_proc e ON e.oid = t.prsend
LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.pronamespace
LEFT JOIN pg_catalog.pg_proc h ON h.oid = t.prsheadline
LEFT JOIN pg_catalog.pg_namespace hn ON hn.oid = h.pronamespace
LEFT JOIN pg_catalog.pg_proc l ON l.oid = t.prslextype
LEFT JOIN pg_catalog.pg_namespace ln ON ln.oid = l.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_ts_parser'::regclass
WHERE t.oid >= 16384 AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend x
      WHERE x.classid = 'pg_catalog.pg_ts_parser'::regclass AND x.objid = t.oid AND x.deptype = 'e'
  )
ORDER BY n.nspname, t.prsname
