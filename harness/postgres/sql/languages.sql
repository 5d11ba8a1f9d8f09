SELECT l.oid::bigint AS oid, l.lanname::text AS name, l.lanpltrusted AS trusted,
       ARRAY[hn.nspname::text, h.proname::text] AS handler,
       ARRAY[dn.nspname::text, i.proname::text] AS inline,
       ARRAY[vn.nspname::text, v.proname::text] AS validator,
       pg_catalog.pg_get_userbyid(l.lanowner)::text AS owner, d.description AS comment
FROM pg_catalog.pg_language l
LEFT JOIN pg_catalog.pg_proc h ON h.oid = l.lanplcallfoid
LEFT JOIN pg_catalog.pg_namespace hn ON hn.oid = h.pronamespace
LEFT JOIN pg_catalog.pg_proc i ON i.oid = l.laninline
LEFT JOIN pg_catalog.pg_namespace dn ON dn.oid = i.pronamespace
LEFT JOIN pg_catalog.pg_proc v ON v.oid = l.lanvalidator
LEFT JOIN pg_catalog.pg_namespace vn ON vn.oid = v.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = l.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_language'::regclass
WHERE l.oid >= 16384
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_language'::regclass AND e.objid = l.oid AND e.deptype = 'e'
  )
ORDER BY l.lanname
