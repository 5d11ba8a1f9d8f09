-- The members of a class are those that PostgreSQL ties to it (pg_depend); since 14 it ties what an index can do without
-- to the family instead, where pg_dump shows it too.
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
    WHERE d.classid = 'pg_catalog.pg_amop'::regclass AND d.refclassid = 'pg_catalog.pg_opclass'::regclass
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
    WHERE d.classid = 'pg_catalog.pg_amproc'::regclass AND d.refclassid = 'pg_catalog.pg_opclass'::regclass
    GROUP BY d.refobjid
)
SELECT o.oid::bigint AS oid, n.nspname::text AS schema, o.opcname::text AS name, am.amname::text AS using,
       pg_catalog.format_type(o.opcintype, NULL) AS type, o.opcdefault AS default,
       ARRAY[fn.nspname::text, f.opfname::text] AS family,
       operators.members AS operator, functions.members AS functions,
       CASE WHEN o.opckeytype <> 0 THEN pg_catalog.format_type(o.opckeytype, NULL) END AS storage,
       pg_catalog.pg_get_userbyid(o.opcowner)::text AS owner, d.description AS comment
FROM pg_catalog.pg_opclass o
JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
JOIN pg_catalog.pg_am am ON am.oid = o.opcmethod
JOIN pg_catalog.pg_opfamily f ON f.oid = o.opcfamily
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace
LEFT JOIN operators ON operators.holder = o.oid
LEFT JOIN functions ON functions.holder = o.oid
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = o.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_opclass'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_opclass'::regclass AND e.objid = o.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, o.opcname, am.amname
