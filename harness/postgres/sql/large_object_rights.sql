-- Owner, comment and privileges of large objects; of the owner's own privileges nothing.
SELECT m.oid,
       pg_catalog.pg_get_userbyid(m.lomowner)::text,
       pg_catalog.obj_description(m.oid, 'pg_largeobject'),
       (
           SELECT pg_catalog.array_agg(
                      ARRAY[
                          CASE WHEN a.grantee = 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END::text,
                          a.privilege_type,
                          a.is_grantable::text
                      ] ORDER BY a.grantee, a.privilege_type
                  )
           FROM pg_catalog.aclexplode(m.lomacl) AS a
           WHERE a.grantee <> m.lomowner
       )
FROM pg_catalog.pg_largeobject_metadata m
WHERE m.oid = ANY (%(oids)s::pg_catalog.oid[])
