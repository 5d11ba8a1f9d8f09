-- The comment of a schema.
-- $1: schema name
SELECT obj_description(n.oid, 'pg_namespace') FROM pg_namespace AS n WHERE n.nspname = $1
