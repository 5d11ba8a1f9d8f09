-- Functions from one row type to another: PostgREST embeds through them.
SELECT fn.nspname, p.proname, an.nspname, ac.relname
FROM pg_proc AS p
JOIN pg_namespace AS fn ON fn.oid = p.pronamespace
JOIN pg_type AS at ON at.oid = p.proargtypes[0] AND at.typtype = 'c'
JOIN pg_class AS ac ON ac.oid = at.typrelid AND ac.relkind <> 'c'
JOIN pg_namespace AS an ON an.oid = ac.relnamespace
JOIN pg_type AS rt ON rt.oid = p.prorettype AND rt.typtype = 'c'
JOIN pg_class AS rc ON rc.oid = rt.typrelid AND rc.relkind <> 'c'
WHERE p.pronargs = 1 AND an.nspname <> 'pg_catalog'
