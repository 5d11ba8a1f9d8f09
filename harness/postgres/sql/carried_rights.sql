-- Tables whose rows the session's role may not write in every way.
SELECT c.oid::bigint
FROM pg_catalog.pg_class AS c
WHERE c.oid = ANY (%(relations)s::oid[])
  AND NOT (pg_catalog.has_table_privilege(c.oid, 'INSERT')
           AND pg_catalog.has_table_privilege(c.oid, 'UPDATE')
           AND pg_catalog.has_table_privilege(c.oid, 'DELETE'))
