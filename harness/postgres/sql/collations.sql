-- `older` stands in for the columns of an ICU or builtin locale (15: colliculocale, 17: colllocale) and of the rules
-- (16). Before 15 an ICU collation keeps its locale in collcollate.
SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.collname::text AS name,
       CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'default' END
           AS provider,
       coalesce(c.locale, c.icu_locale, c.lc_collate, '') AS locale,
       CASE WHEN c.collprovider = 'c' AND c.lc_ctype <> c.lc_collate THEN c.lc_ctype END AS lc_ctype,
       c.rules,
       c.collisdeterministic AS deterministic,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(c.collowner)::text AS owner,
       c.collversion AS version
FROM (SELECT NULL::text AS colllocale, NULL::text AS colliculocale, NULL::text AS collicurules) AS older
CROSS JOIN LATERAL (
    SELECT oid, collname, collnamespace, collowner, collprovider, collisdeterministic, collversion,
           collcollate::text AS lc_collate, collctype::text AS lc_ctype,
           colllocale::text AS locale, colliculocale::text AS icu_locale, collicurules::text AS rules
    FROM pg_catalog.pg_collation
) AS c
JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_collation'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_collation'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.collname
