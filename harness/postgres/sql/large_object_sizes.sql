-- Bytes of large objects that are there; NULL where the role may not read one. 262144 is INV_READ, 2 is SEEK_END.
SELECT held.oid, pg_catalog.lo_lseek64(held.descriptor, 0, 2), pg_catalog.lo_close(held.descriptor)
FROM (
    SELECT m.oid,
           CASE WHEN pg_catalog.current_setting('lo_compat_privileges')::bool
                     OR (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
                     OR EXISTS (
                         SELECT
                         FROM pg_catalog.aclexplode(coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) AS a
                         WHERE a.privilege_type = 'SELECT'
                           AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE'))
                     )
                THEN pg_catalog.lo_open(m.oid, 262144) END AS descriptor
    FROM pg_catalog.pg_largeobject_metadata m
    WHERE m.oid = ANY (%(oids)s::pg_catalog.oid[])
    OFFSET 0
) AS held
