-- Functions are given as schema and name: their arguments follow from the types of the state and of the arguments.
WITH functions AS (
    SELECT p.oid, ARRAY[n.nspname::text, p.proname::text] AS names
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
)
SELECT p.oid::bigint AS oid, n.nspname::text AS schema, p.proname::text AS name,
       pg_catalog.oidvectortypes(p.proargtypes) AS arguments,
       pg_catalog.pg_get_function_identity_arguments(p.oid) AS parameters,
       CASE WHEN a.aggkind <> 'n' THEN a.aggnumdirectargs::int END AS direct_arguments,
       a.aggkind = 'h' AS hypothetical,
       sfunc.names AS sfunc, pg_catalog.format_type(a.aggtranstype, NULL) AS stype, a.aggtransspace AS sspace,
       finalfunc.names AS finalfunc, a.aggfinalextra AS finalfunc_extra,
       CASE a.aggfinalmodify WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END
           AS finalfunc_modify,
       combinefunc.names AS combinefunc, serialfunc.names AS serialfunc, deserialfunc.names AS deserialfunc,
       a.agginitval AS initcond,
       msfunc.names AS msfunc, minvfunc.names AS minvfunc,
       CASE WHEN a.aggmtranstype <> 0 THEN pg_catalog.format_type(a.aggmtranstype, NULL) END AS mstype,
       a.aggmtransspace AS msspace, mfinalfunc.names AS mfinalfunc, a.aggmfinalextra AS mfinalfunc_extra,
       CASE a.aggmfinalmodify WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END
           AS mfinalfunc_modify,
       a.aggminitval AS minitcond,
       pg_catalog.quote_ident(orn.nspname::text) || '.' || o.oprname::text AS sortop,
       CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(p.proowner)::text AS owner,
       pg_catalog.format_type(p.prorettype, NULL) AS returns
FROM pg_catalog.pg_aggregate a
JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN functions sfunc ON sfunc.oid = a.aggtransfn
LEFT JOIN functions finalfunc ON finalfunc.oid = a.aggfinalfn
LEFT JOIN functions combinefunc ON combinefunc.oid = a.aggcombinefn
LEFT JOIN functions serialfunc ON serialfunc.oid = a.aggserialfn
LEFT JOIN functions deserialfunc ON deserialfunc.oid = a.aggdeserialfn
LEFT JOIN functions msfunc ON msfunc.oid = a.aggmtransfn
LEFT JOIN functions minvfunc ON minvfunc.oid = a.aggminvtransfn
LEFT JOIN functions mfinalfunc ON mfinalfunc.oid = a.aggmfinalfn
LEFT JOIN pg_catalog.pg_operator o ON o.oid = a.aggsortop
LEFT JOIN pg_catalog.pg_namespace orn ON orn.oid = o.oprnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = p.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_proc'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, p.proname, 4
