-- Normal dependencies between objects that users made; those of an object on its own table are of another type, so
-- they are not here. A rule stands for its view, a default for its column, a row type for its table, an array for its
-- element.
SELECT DISTINCT
       coalesce(holder.class, d.classid)::bigint AS class,
       coalesce(holder.object, d.objid)::bigint AS object,
       coalesce(holder.part, d.objsubid)::int AS part,
       CASE WHEN t.typrelid <> 0 THEN 'pg_catalog.pg_class'::regclass::oid ELSE d.refclassid END::bigint AS on_class,
       CASE WHEN t.typrelid <> 0 THEN t.typrelid ELSE coalesce(t.oid, d.refobjid) END::bigint AS on_object,
       d.refobjsubid::int AS on_part
FROM pg_catalog.pg_depend d
LEFT JOIN LATERAL (
    SELECT 'pg_catalog.pg_class'::regclass::oid AS class, w.ev_class AS object, 0 AS part
    FROM pg_catalog.pg_rewrite w
    WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass::oid, a.adrelid, a.adnum::int
    FROM pg_catalog.pg_attrdef a
    WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND a.oid = d.objid
) AS holder ON true
LEFT JOIN pg_catalog.pg_type n ON d.refclassid = 'pg_catalog.pg_type'::regclass AND n.oid = d.refobjid
LEFT JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN n.typcategory = 'A' AND n.typelem <> 0 THEN n.typelem ELSE n.oid END
WHERE d.deptype = 'n' AND d.refobjid >= 16384 AND d.objid >= 16384
  AND d.refclassid IN (
      'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass,
      'pg_catalog.pg_constraint'::regclass
  )
  AND coalesce(holder.object, d.objid) <> d.refobjid
