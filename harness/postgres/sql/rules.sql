-- The rule that makes a view a view is the view itself. What is cut is everything before ON.
SELECT w.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS table, w.rulename::text AS name,
       pg_catalog.rtrim(pg_catalog.ltrim(pg_catalog.substr(
           pg_catalog.pg_get_ruledef(w.oid),
           pg_catalog.length('CREATE RULE ' || pg_catalog.quote_ident(w.rulename::text) || ' AS') + 1
       ), E' \n'), ';') AS definition,
       CASE w.ev_enabled WHEN 'O' THEN 'origin' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'disabled' END
           AS enabled,
       d.description AS comment, c.relkind = 'v' AS of_view
FROM pg_catalog.pg_rewrite w
JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = w.oid AND d.classoid = 'pg_catalog.pg_rewrite'::regclass
WHERE w.rulename <> '_RETURN' AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE (e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
             OR e.classid = 'pg_catalog.pg_rewrite'::regclass AND e.objid = w.oid) AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, w.rulename
