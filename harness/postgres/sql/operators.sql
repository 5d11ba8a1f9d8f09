-- An operator without a function is a shell: another one names it as its commutator or negator, and nobody made it yet.
SELECT o.oid::bigint AS oid, n.nspname::text AS schema, o.oprname::text AS name,
       CASE WHEN o.oprleft = 0 THEN 'none' ELSE pg_catalog.format_type(o.oprleft, NULL) END AS left,
       CASE WHEN o.oprright = 0 THEN 'none' ELSE pg_catalog.format_type(o.oprright, NULL) END AS right,
       ARRAY[pn.nspname::text, p.proname::text] AS function,
       ARRAY[cn.nspname::text, c.oprname::text] AS commutator,
       ARRAY[nn.nspname::text, ng.oprname::text] AS negator,
       ARRAY[rn.nspname::text, r.proname::text] AS restrict,
       ARRAY[jn.nspname::text, j.proname::text] AS join,
       o.oprcanhash AS hashes, o.oprcanmerge AS merges,
       pg_catalog.pg_get_userbyid(o.oprowner)::text AS owner, d.description AS comment
FROM pg_catalog.pg_operator o
JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_operator c ON c.oid = o.oprcom
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
LEFT JOIN pg_catalog.pg_operator ng ON ng.oid = o.oprnegate
LEFT JOIN pg_catalog.pg_namespace nn ON nn.oid = ng.oprnamespace
LEFT JOIN pg_catalog.pg_proc r ON r.oid = o.oprrest
LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.pronamespace
LEFT JOIN pg_catalog.pg_proc j ON j.oid = o.oprjoin
LEFT JOIN pg_catalog.pg_namespace jn ON jn.oid = j.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = o.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_operator'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_operator'::regclass AND e.objid = o.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, o.oprname, 4, 5
