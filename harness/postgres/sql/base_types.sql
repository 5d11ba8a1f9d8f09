-- `older` stands in for typsubscript (14). A shell is declared and has nothing yet; the arrays of other types are not
-- here. `functions` are those that speak of the type itself, so that neither can be made without the other.
SELECT t.oid::bigint AS oid, n.nspname::text AS schema, t.typname::text AS name,
       named.input, named.output, named.receive, named.send, named.typmod_in, named.typmod_out, named.analyze,
       CASE WHEN t.subscript::oid <> coalesce(pg_catalog.to_regproc('pg_catalog.raw_array_subscript_handler')::oid, 0)
           THEN named.subscript END AS subscript,
       CASE WHEN t.typisdefined THEN t.typlen::int END AS internal_length,
       CASE WHEN t.typisdefined THEN t.typbyval END AS passed_by_value,
       CASE WHEN t.typisdefined THEN
           CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' ELSE 'int4' END
       END AS alignment,
       CASE WHEN t.typisdefined THEN
           CASE t.typstorage
               WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' WHEN 'm' THEN 'main' ELSE 'plain'
           END
       END AS storage,
       CASE WHEN t.typisdefined THEN t.typcategory::text END AS category,
       CASE WHEN t.typisdefined THEN t.typispreferred END AS preferred,
       t.typdefault AS default,
       CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END AS element,
       CASE WHEN t.typisdefined THEN t.typdelim::text END AS delimiter,
       CASE WHEN t.typisdefined THEN t.typcollation <> 0 END AS collatable,
       own.functions,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner
FROM (SELECT 0::oid::regproc AS typsubscript) AS older
CROSS JOIN LATERAL (
    SELECT oid, typname, typnamespace, typowner, typtype, typisdefined, typlen, typbyval, typalign, typstorage,
           typcategory, typispreferred, typdefault, typelem, typdelim, typcollation, typinput, typoutput, typreceive,
           typsend, typmodin, typmodout, typanalyze, typsubscript AS subscript
    FROM pg_catalog.pg_type
) AS t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_type'::regclass
CROSS JOIN LATERAL (
    SELECT pg_catalog.max(f.parts) FILTER (WHERE f.role = 'input') AS input,
           pg_catalog.max(f.parts) FILTER (WHERE f.role = 'output') AS output,
           pg_catalog.max(f.parts) FILTER (WHERE f.role = 'receive') AS receive,
           pg_catalog.max(f.parts) FILTER (WHERE f.role = 'send') AS send,
           pg_catalog.max(f.parts) FILTER (WHERE f.role = 'typmod_in') AS typmod_in,
           pg_catalog.max(f.parts) FILTER (WHERE f.role = 'typmod_out') AS typmod_out,
           pg_catalog.max(f.parts) FILTER (WHERE f.role = 'analyze') AS analyze,
           pg_catalog.max(f.parts) FILTER (WHERE f.role = 'subscript') AS subscript
    FROM (
        SELECT roles.role, ARRAY[fn.nspname::text, p.proname::text] AS parts
        FROM (VALUES
            ('input', t.typinput), ('output', t.typoutput), ('receive', t.typreceive), ('send', t.typsend),
            ('typmod_in', t.typmodin), ('typmod_out', t.typmodout), ('analyze', t.typanalyze),
            ('subscript', t.subscript)
        ) AS roles (role, function)
        JOIN pg_catalog.pg_proc p ON p.oid = roles.function::oid
        JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
        WHERE t.typisdefined
    ) AS f
) AS named
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT ARRAY[fn.nspname::text, p.proname::text, pg_catalog.oidvectortypes(p.proargtypes)]
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
        WHERE p.oid >= 16384 AND (p.prorettype = t.oid OR t.oid = ANY (p.proargtypes::oid[]))
          AND p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend)
        ORDER BY p.oid
    ) AS functions
) AS own
WHERE (t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid) OR t.typtype = 'p')
  AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, t.typname
