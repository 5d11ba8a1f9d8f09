-- How many large objects of these numbers the role may not read, and the first of them.
SELECT pg_catalog.count(*), pg_catalog.min(m.oid::bigint)
FROM pg_catalog.pg_largeobject_metadata m
WHERE m.oid = ANY (%(oids)s::pg_catalog.oid[])
  AND NOT pg_catalog.current_setting('lo_compat_privileges')::bool
  AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.aclexplode(coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) AS a
      WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE'))
  )
