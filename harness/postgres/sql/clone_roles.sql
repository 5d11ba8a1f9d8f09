-- Every role that may own, be granted or be named by a policy, and the roles that it is a member of.
SELECT r.rolname::text,
       r.rolbypassrls,
       r.rolinherit,
       ARRAY(
         SELECT g.rolname::text
         FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
         WHERE m.member = r.oid
         ORDER BY 1
       )
FROM pg_catalog.pg_roles r
WHERE r.rolname !~ '^pg_'
ORDER BY 1
