-- `older` stands in for rngmultitypid (14). A multirange type without a name of its own is called as the range type
-- with multirange instead of the first range, or with _multirange behind it.
SELECT t.oid::bigint AS oid, n.nspname::text AS schema, t.typname::text AS name,
       pg_catalog.format_type(r.rngsubtype, NULL) AS subtype,
       CASE WHEN NOT opc.opcdefault THEN ARRAY[pn.nspname::text, opc.opcname::text] END AS subtype_opclass,
       CASE WHEN r.rngcollation <> s.typcollation THEN ARRAY[cn.nspname::text, co.collname::text] END AS collation,
       (SELECT ARRAY[fn.nspname::text, f.proname::text]
        FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
        WHERE f.oid = r.rngcanonical) AS canonical,
       (SELECT ARRAY[fn.nspname::text, f.proname::text]
        FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
        WHERE f.oid = r.rngsubdiff) AS subtype_diff,
       CASE WHEN m.typname::text <> usual.name OR mn.oid <> n.oid THEN m.typname::text END AS multirange_type_name,
       m.typname::text AS multirange,
       ARRAY(
           SELECT ARRAY[fn.nspname::text, f.proname::text, pg_catalog.oidvectortypes(f.proargtypes)]
           FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
           WHERE f.oid = r.rngcanonical AND f.oid >= 16384
       ) AS functions,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner
FROM (SELECT NULL::oid AS rngmultitypid) AS older
CROSS JOIN LATERAL (
    SELECT rngtypid, rngsubtype, rngcollation, rngsubopc, rngcanonical, rngsubdiff, rngmultitypid AS multirange
    FROM pg_catalog.pg_range
) AS r
JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
JOIN pg_catalog.pg_opclass opc ON opc.oid = r.rngsubopc
JOIN pg_catalog.pg_namespace pn ON pn.oid = opc.opcnamespace
LEFT JOIN pg_catalog.pg_collation co ON co.oid = r.rngcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_type m ON m.oid = r.multirange
LEFT JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace
CROSS JOIN LATERAL (
    SELECT CASE WHEN pg_catalog.strpos(t.typname::text, 'range') > 0
               THEN pg_catalog.overlay(
                   t.typname::text, 'multirange', pg_catalog.strpos(t.typname::text, 'range'), 5
               )
               ELSE t.typname::text || '_multirange' END AS name
) AS usual
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_type'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, t.typname
