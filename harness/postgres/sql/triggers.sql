-- The triggers that a partition has from its parent are copies; the columns of UPDATE OF say the same in any order.
SELECT t.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS table, t.tgname::text AS name,
       pg_catalog.substr(
           CASE WHEN columns.written IS NULL THEN pg_catalog.pg_get_triggerdef(t.oid) ELSE pg_catalog.replace(
               pg_catalog.pg_get_triggerdef(t.oid), ' UPDATE OF ' || columns.written || ' ',
               ' UPDATE OF ' || columns.sorted || ' '
           ) END,
           pg_catalog.length(
               CASE WHEN t.tgconstraint <> 0 THEN 'CREATE CONSTRAINT TRIGGER ' ELSE 'CREATE TRIGGER ' END
               || pg_catalog.quote_ident(t.tgname::text) || ' '
           ) + 1
       ) AS definition,
       CASE WHEN columns.written <> columns.sorted THEN pg_catalog.substr(
           pg_catalog.pg_get_triggerdef(t.oid),
           pg_catalog.length(
               CASE WHEN t.tgconstraint <> 0 THEN 'CREATE CONSTRAINT TRIGGER ' ELSE 'CREATE TRIGGER ' END
               || pg_catalog.quote_ident(t.tgname::text) || ' '
           ) + 1
       ) END AS written,
       t.tgconstraint <> 0 AS constraint,
       CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'disabled' END
           AS enabled,
       d.description AS comment,
       ARRAY[pn.nspname::text, p.proname::text] AS function,
       parent.oid IS NOT NULL AS inherited,
       CASE WHEN parent.oid IS NOT NULL THEN ARRAY[ARRAY[on_schema.nspname::text, o.relname::text, parent.tgname::text]]
       END AS parents,
       coalesce(parent.tgenabled <> t.tgenabled, false) AS deviates
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_trigger parent ON parent.oid = t.tgparentid
LEFT JOIN pg_catalog.pg_class o ON o.oid = parent.tgrelid
LEFT JOIN pg_catalog.pg_namespace on_schema ON on_schema.oid = o.relnamespace
LEFT JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname::text), ', ' ORDER BY k.n) AS written,
           pg_catalog.string_agg(pg_catalog.quote_ident(a.attname::text), ', ' ORDER BY a.attname::text COLLATE "C")
               AS sorted
    FROM pg_catalog.unnest(t.tgattr::int2[]) WITH ORDINALITY AS k (attnum, n)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = k.attnum
) AS columns ON pg_catalog.cardinality(t.tgattr::int2[]) > 1
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_trigger'::regclass
WHERE (NOT t.tgisinternal OR parent.oid IS NOT NULL AND NOT parent.tgisinternal)
  AND c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE (e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
             OR e.classid = 'pg_catalog.pg_trigger'::regclass AND e.objid = t.oid) AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, t.tgname
