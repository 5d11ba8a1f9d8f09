-- Every role, and the roles whose rights it inherits or that it may SET ROLE to (since PostgreSQL 16 a membership can
-- be without either). The owner of the database is a member of pg_database_owner, which no catalog says.
SELECT r.oid::bigint, r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolname = current_user,
       ARRAY(
           SELECT m.roleid::bigint
           FROM pg_catalog.pg_auth_members AS m
           WHERE m.member = r.oid
             AND (coalesce((pg_catalog.to_jsonb(m) ->> 'inherit_option')::boolean, true)
                  OR coalesce((pg_catalog.to_jsonb(m) ->> 'set_option')::boolean, true))
           UNION
           SELECT o.oid::bigint
           FROM pg_catalog.pg_database AS d
           JOIN pg_catalog.pg_roles AS o ON o.rolname = 'pg_database_owner'
           WHERE d.datname = pg_catalog.current_database() AND d.datdba = r.oid
       )
FROM pg_catalog.pg_roles AS r
ORDER BY r.rolname
