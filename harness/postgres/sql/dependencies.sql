-- Who cannot exist without whom, between objects that users made. Normal dependencies; those of an object on its own
-- table are of another type, so they are not here, except where the order of creation needs them: of a generated column
-- on the columns it is made of, of publications and operator classes, whose members are objects of their own, and of an
-- operator class on its family.
-- The rule of a view stands for the view, a default for its column, a member for what it is part of, a constraint of a
-- domain for the domain, a row type for its relation, an array for its element, a multirange for its range, a constructor for its range type, and a
-- member of an extension for the extension.
WITH classes AS (
    SELECT 'pg_catalog.pg_class'::regclass::oid AS relation, 'pg_catalog.pg_type'::regclass::oid AS type,
           'pg_catalog.pg_proc'::regclass::oid AS routine,
           'pg_catalog.pg_rewrite'::regclass::oid AS rule, 'pg_catalog.pg_attrdef'::regclass::oid AS value,
           'pg_catalog.pg_constraint'::regclass::oid AS rule_of_table,
           'pg_catalog.pg_publication'::regclass::oid AS publication,
           'pg_catalog.pg_opclass'::regclass::oid AS operator_class,
           'pg_catalog.pg_opfamily'::regclass::oid AS operator_family,
           'pg_catalog.pg_extension'::regclass::oid AS extension,
           ARRAY[
               'pg_catalog.pg_publication_rel'::regclass, pg_catalog.to_regclass('pg_catalog.pg_publication_namespace'),
               'pg_catalog.pg_amop'::regclass, 'pg_catalog.pg_amproc'::regclass
           ]::oid[] AS members
)
SELECT (CASE
           WHEN w.rulename = '_RETURN' OR ad.oid IS NOT NULL THEN k.relation
           WHEN dc.oid IS NOT NULL OR hc.oid IS NOT NULL THEN k.type
           ELSE coalesce(m.refclassid, d.classid)
       END)::bigint AS class,
       (CASE
           WHEN w.rulename = '_RETURN' THEN w.ev_class
           WHEN ad.oid IS NOT NULL THEN ad.adrelid
           WHEN dc.oid IS NOT NULL THEN dc.contypid
           WHEN hc.oid IS NOT NULL THEN hc.reltype
           ELSE coalesce(m.refobjid, d.objid)
       END)::bigint AS object,
       (CASE
           WHEN ad.oid IS NOT NULL THEN ad.adnum
           WHEN hc.oid IS NOT NULL THEN 0
           ELSE d.objsubid
       END)::int AS part,
       (CASE
           WHEN e.refobjid IS NOT NULL THEN k.extension
           WHEN nr.relkind <> 'c' THEN k.relation
           WHEN nc.oid IS NOT NULL OR ci.refobjid IS NOT NULL THEN k.type
           ELSE d.refclassid
       END)::bigint AS on_class,
       (CASE
           WHEN e.refobjid IS NOT NULL THEN e.refobjid
           WHEN nr.relkind <> 'c' THEN nr.oid
           WHEN nc.oid IS NOT NULL THEN nc.reltype
           ELSE coalesce(t.oid, d.refobjid)
       END)::bigint AS on_object,
       (CASE WHEN nc.oid IS NOT NULL THEN 0 ELSE d.refobjsubid END)::int AS on_part
FROM classes k
CROSS JOIN pg_catalog.pg_depend d
LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = k.rule AND w.oid = d.objid
LEFT JOIN pg_catalog.pg_attrdef ad ON d.classid = k.value AND ad.oid = d.objid
LEFT JOIN pg_catalog.pg_constraint dc ON d.classid = k.rule_of_table AND dc.oid = d.objid AND dc.contypid <> 0
LEFT JOIN pg_catalog.pg_class hc ON d.classid = k.relation AND hc.oid = d.objid AND hc.relkind = 'c'
LEFT JOIN (
    -- By itself, so that it is not looked for at each dependency.
    SELECT classid, objid, refclassid, refobjid
    FROM pg_catalog.pg_depend
    WHERE refclassid IN (
        'pg_catalog.pg_publication'::regclass, 'pg_catalog.pg_opclass'::regclass, 'pg_catalog.pg_opfamily'::regclass
    )
    OFFSET 0
) AS m ON d.classid = ANY (k.members) AND m.classid = d.classid AND m.objid = d.objid
LEFT JOIN pg_catalog.pg_depend ci
    ON d.refclassid = k.routine AND ci.classid = k.routine AND ci.objid = d.refobjid AND ci.refclassid = k.type
    AND ci.deptype = 'i'
LEFT JOIN pg_catalog.pg_type n ON n.oid = CASE WHEN d.refclassid = k.type THEN d.refobjid ELSE ci.refobjid END
LEFT JOIN pg_catalog.pg_range r ON n.typtype = 'm' AND (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid = n.oid
LEFT JOIN pg_catalog.pg_type t
    ON t.oid = CASE WHEN n.typcategory = 'A' AND n.typelem <> 0 THEN n.typelem ELSE coalesce(r.rngtypid, n.oid) END
LEFT JOIN pg_catalog.pg_class nr ON nr.oid = t.typrelid AND t.typrelid <> 0
LEFT JOIN pg_catalog.pg_class nc ON d.refclassid = k.relation AND nc.oid = d.refobjid AND nc.relkind = 'c'
LEFT JOIN pg_catalog.pg_depend e
    ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e' AND d.refclassid <> k.extension
WHERE d.refobjid >= 16384 AND d.objid >= 16384
  AND (
      d.deptype IN ('n', 'P')
      OR d.deptype IN ('a', 'i') AND (d.classid IN (k.value, k.operator_class) OR d.classid = ANY (k.members))
      -- A generated column before PostgreSQL 15.
      OR d.deptype = 'a' AND d.classid = k.relation AND d.objsubid > 0 AND d.refobjid = d.objid
  )
UNION ALL
-- A check that a child states itself and that is merged with the parent's: it goes only after the parent's has gone.
SELECT k.rule_of_table::bigint, parent.oid::bigint, 0, k.rule_of_table::bigint, child.oid::bigint, 0
FROM classes k
CROSS JOIN pg_catalog.pg_constraint child
JOIN pg_catalog.pg_inherits h ON h.inhrelid = child.conrelid
JOIN pg_catalog.pg_constraint parent
    ON parent.conrelid = h.inhparent AND parent.conname = child.conname AND parent.contype = 'c'
WHERE child.contype = 'c' AND child.conislocal AND child.coninhcount > 0 AND NOT parent.connoinherit
