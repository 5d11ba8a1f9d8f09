SELECT con.oid::bigint AS oid, n.nspname::text AS schema, t.typname::text AS type_name, con.conname::text AS name,
       CASE con.contype WHEN 'n' THEN 'not null' ELSE 'check' END AS type,
       CASE con.contype WHEN 'n' THEN 'NOT NULL' ELSE pg_catalog.pg_get_constraintdef(con.oid) END AS definition,
       con.convalidated AS validated,
       d.description AS comment
FROM pg_catalog.pg_constraint con
JOIN pg_catalog.pg_type t ON t.oid = con.contypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = con.oid AND d.classoid = 'pg_catalog.pg_constraint'::regclass
WHERE con.contypid <> 0 AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, t.typname, con.conname::text COLLATE "C"
