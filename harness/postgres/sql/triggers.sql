-- The triggers that a partition has from its parent are PostgreSQL's own affair.
SELECT t.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS table, t.tgname::text AS name,
       pg_catalog.substr(
           pg_catalog.pg_get_triggerdef(t.oid),
           pg_catalog.length(
               CASE WHEN t.tgconstraint <> 0 THEN 'CREATE CONSTRAINT TRIGGER ' ELSE 'CREATE TRIGGER ' END
               || pg_catalog.quote_ident(t.tgname::text) || ' '
           ) + 1
       ) AS definition,
       t.tgconstraint <> 0 AS constraint,
       CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'disabled' END
           AS enabled,
       d.description AS comment,
       ARRAY[pn.nspname::text, p.proname::text] AS function
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_trigger'::regclass
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND c.relkind IN ('r', 'p', 'v') AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE (e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
             OR e.classid = 'pg_catalog.pg_trigger'::regclass AND e.objid = t.oid) AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, t.tgname
