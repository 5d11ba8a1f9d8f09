-- The members of a family are those that PostgreSQL ties to none of its classes (pg_depend).
WITH operators AS (
    SELECT d.refobjid AS holder,
           pg_catalog.json_agg(pg_catalog.json_build_array(
               a.amopstrategy, n.nspname, o.oprname, pg_catalog.format_type(a.amoplefttype, NULL),
               pg_catalog.format_type(a.amoprighttype, NULL), fn.nspname, f.opfname
           ) ORDER BY a.amopstrategy, pg_catalog.format_type(a.amoplefttype, NULL),
                      pg_catalog.format_type(a.amoprighttype, NULL)) AS members
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_amop a ON a.oid = d.objid
    JOIN pg_catalog.pg_operator o ON o.oid = a.amopopr
    JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    LEFT JOIN pg_catalog.pg_opfamily f ON f.oid = a.amopsortfamily
    LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
    WHERE d.classid = 'pg_catalog.pg_amop'::regclass AND d.refclassid = 'pg_catalog.pg_opfamily'::regclass
    GROUP BY d.refobjid
), functions AS (
    SELECT d.refobjid AS holder,
           pg_catalog.json_agg(pg_catalog.json_build_array(
               a.amprocnum, n.nspname, p.proname, pg_catalog.format_type(a.amproclefttype, NULL),
               pg_catalog.format_type(a.amprocrighttype, NULL), pg_catalog.oidvectortypes(p.proargtypes)
           ) ORDER BY a.amprocnum, pg_catalog.format_type(a.amproclefttype, NULL),
                      pg_catalog.format_type(a.amprocrighttype, NULL)) AS members
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_amproc a ON a.oid = d.objid
    JOIN pg_catalog.pg_proc p ON p.oid = a.amproc
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE d.classid = 'pg_catalog.pg_amproc'::regclass AND d.refclassid = 'pg_catalog.pg_opfamily'::regclass
    GROUP BY d.refobjid
)
SELECT o.oid::bigint AS oid, n.nspname::text AS schema, o.opfname::text AS name, am.amname::text AS using,
       operators.members AS operators, functions.members AS functions,
       pg_catalog.pg_get_userbyid(o.opfowner)::text AS owner, d.description AS comment
FROM pg_catalog.pg_opfamily o
JOIN pg_catalog.pg_namespace n ON n.oid = o.opfnamespace
JOIN pg_catalog.pg_am am ON am.oid = o.opfmethod
LEFT JOIN operators ON operators.holder = o.oid
LEFT JOIN functions ON functions.holder = o.oid
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = o.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_opfamily'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_opfamily'::regclass AND e.objid = o.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, o.opfname, am.amname
