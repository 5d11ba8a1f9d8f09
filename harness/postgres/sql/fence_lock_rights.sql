-- Whether the session may LOCK TABLE … IN SHARE MODE (sql-lock.html): with UPDATE, DELETE or TRUNCATE on the table, since
-- PostgreSQL 17 also with MAINTAIN.
SELECT c.oid::bigint,
       pg_catalog.has_table_privilege(
           c.oid,
           'UPDATE, DELETE, TRUNCATE'
           || CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 170000 THEN ', MAINTAIN' ELSE '' END
       )
FROM pg_catalog.pg_class AS c
WHERE c.oid = ANY (%(relations)s::oid[])
