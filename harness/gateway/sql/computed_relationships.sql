-- Functions from one row type to another: the function, both relations, and whether it returns at most one row.
SELECT
    fn.nspname,
    p.proname,
    an.nspname,
    ac.relname,
    rn.nspname,
    rc.relname,
    NOT p.proretset OR p.prorows = 1
FROM pg_proc AS p
JOIN pg_namespace AS fn ON fn.oid = p.pronamespace
JOIN pg_class AS ac ON ac.reltype = p.proargtypes[0] AND ac.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_namespace AS an ON an.oid = ac.relnamespace
JOIN pg_class AS rc ON rc.reltype = p.prorettype AND rc.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_namespace AS rn ON rn.oid = rc.relnamespace
WHERE p.pronargs = 1 AND an.nspname <> 'pg_catalog'
ORDER BY fn.nspname, p.proname, an.nspname, ac.relname
