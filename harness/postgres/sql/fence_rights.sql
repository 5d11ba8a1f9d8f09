-- Every right to change rows of these relations, of the whole and of columns. A list that is NULL is the default one.
SELECT c.oid::bigint AS relation, 0 AS attribute, a.privilege_type::text, a.grantor::bigint, a.grantee::bigint,
       a.is_grantable
FROM pg_catalog.pg_class AS c
CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS a
WHERE c.oid = ANY (%(relations)s::oid[]) AND a.privilege_type = ANY (%(privileges)s::text[])
UNION ALL
SELECT t.attrelid::bigint, t.attnum, a.privilege_type::text, a.grantor::bigint, a.grantee::bigint, a.is_grantable
FROM pg_catalog.pg_attribute AS t
CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) AS a
WHERE t.attrelid = ANY (%(relations)s::oid[]) AND t.attacl IS NOT NULL AND NOT t.attisdropped
  AND a.privilege_type = ANY (%(privileges)s::text[])
