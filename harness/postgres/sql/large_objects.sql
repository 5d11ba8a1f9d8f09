-- A few large objects one by one, with a digest of their first 64 kB where the role may read them. Many are rows rather
-- than structure, and reported as one thing that is not compared.
SELECT m.oid::bigint AS oid, m.oid::text AS name,
       CASE WHEN pg_catalog.pg_has_role(m.lomowner, 'USAGE') THEN pg_catalog.md5(pg_catalog.lo_get(m.oid, 0, 65536))
       END AS content,
       pg_catalog.obj_description(m.oid, 'pg_largeobject') AS comment,
       pg_catalog.pg_get_userbyid(m.lomowner)::text AS owner
FROM pg_catalog.pg_largeobject_metadata m
WHERE (SELECT pg_catalog.count(*) FROM (
           SELECT FROM pg_catalog.pg_largeobject_metadata LIMIT %(large_objects)s + 1
       ) AS counted) <= %(large_objects)s
ORDER BY m.oid
