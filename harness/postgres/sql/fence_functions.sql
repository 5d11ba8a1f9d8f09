-- SECURITY DEFINER routines of users that run as somebody who can write although the fence stands: those that a fenced
-- role may call, and those that a trigger calls, which nobody's right is asked for.
SELECT DISTINCT pg_catalog.format('%%I.%%I(%%s), runs as %%s', n.nspname, p.proname,
                                  pg_catalog.oidvectortypes(p.proargtypes), pg_catalog.pg_get_userbyid(p.proowner))
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.prosecdef
  AND p.proowner = ANY (%(owners)s::oid[])
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS e
      WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
  )
  AND (EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgfoid = p.oid AND NOT t.tgisinternal)
       OR EXISTS (
           SELECT FROM pg_catalog.unnest(%(roles)s::oid[]) AS r (oid)
           WHERE pg_catalog.has_function_privilege(r.oid, p.oid, 'EXECUTE')
       ))
ORDER BY 1
