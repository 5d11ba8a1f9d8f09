-- `older` stands in for prosqlbody, which exists since PostgreSQL 14. pg_get_functiondef refuses aggregates.
-- The constructors of range types depend on them internally and are theirs.
SELECT p.oid::bigint AS oid, n.nspname::text AS schema, p.proname::text AS name,
       pg_catalog.oidvectortypes(p.proargtypes) AS arguments,
       CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window' ELSE 'function' END AS type,
       pg_catalog.pg_get_function_arguments(p.oid) AS parameters,
       pg_catalog.pg_get_function_result(p.oid) AS returns,
       l.lanname::text AS language,
       CASE
           -- In standard SQL; pg_get_function_sqlbody would fail to parse on 13, and its text is the end of this one.
           WHEN p.sql_body
               THEN pg_catalog.substring(pg_catalog.pg_get_functiondef(p.oid), E'\n(BEGIN ATOMIC.*|RETURN .*)$')
           WHEN p.probin IS NOT NULL THEN p.probin || ', ' || p.prosrc
           ELSE p.prosrc
       END AS body,
       pg_catalog.pg_get_functiondef(p.oid) AS definition,
       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
       CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
       p.proisstrict AS strict, p.proleakproof AS leakproof, p.prosecdef AS security_definer,
       p.procost::float8 AS cost, p.prorows::float8 AS rows,
       p.proconfig AS settings,
       CASE WHEN p.support <> 0 THEN (
           SELECT ARRAY[sn.nspname::text, s.proname::text]
           FROM pg_catalog.pg_proc s JOIN pg_catalog.pg_namespace sn ON sn.oid = s.pronamespace
           WHERE s.oid = p.support) END AS support,
       CASE WHEN p.protrftypes IS NOT NULL THEN ARRAY(
           SELECT pg_catalog.format_type(t.oid, NULL)
           FROM pg_catalog.unnest(p.protrftypes) WITH ORDINALITY AS t (oid, n) ORDER BY t.n) END AS transform,
       p.proargnames AS argument_names, p.proargmodes::text[] AS argument_modes,
       CASE WHEN p.proargmodes IS NOT NULL THEN ARRAY(
           SELECT pg_catalog.format_type(t.oid, NULL)
           FROM pg_catalog.unnest(p.proallargtypes) WITH ORDINALITY AS t (oid, n) ORDER BY t.n) END AS argument_types,
       p.pronargdefaults::int AS defaults,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(p.proowner)::text AS owner
FROM (SELECT NULL::text AS prosqlbody) AS older
CROSS JOIN LATERAL (
    SELECT oid, proname, pronamespace, proowner, prolang, procost, prorows, prokind, prosecdef, proleakproof,
           proisstrict, provolatile, proparallel, proargtypes, prosrc, probin, proconfig,
           prosupport::oid AS support, protrftypes, proargnames, proargmodes, proallargtypes, pronargdefaults,
           prosqlbody IS NOT NULL AS sql_body
    FROM pg_catalog.pg_proc
) AS p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = p.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_proc'::regclass
WHERE p.prokind IN ('f', 'p', 'w') AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i')
  )
ORDER BY n.nspname, p.proname, 4
