-- The check constraints are one list, as the domain shows them; `domain_constraints` has them one by one. The name of
-- a NOT NULL constraint (17) counts where it is not the one that PostgreSQL gives.
SELECT t.oid::bigint AS oid, n.nspname::text AS schema, t.typname::text AS name,
       pg_catalog.format_type(t.typbasetype, t.typtypmod) AS type,
       CASE WHEN t.typcollation <> b.typcollation THEN ARRAY[cn.nspname::text, co.collname::text] END AS collation,
       coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault) AS default,
       t.typnotnull AS not_null,
       CASE WHEN nn.conname <> pg_catalog.left(t.typname::text, 54) || '_not_null' THEN nn.conname::text END
           AS not_null_name,
       checks.list AS check,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(t.typowner)::text AS owner
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
LEFT JOIN pg_catalog.pg_constraint nn ON nn.contypid = t.oid AND nn.contype = 'n'
LEFT JOIN (
    SELECT con.contypid,
           pg_catalog.array_agg(
               ARRAY[con.conname::text, pg_catalog.pg_get_constraintdef(con.oid)]
               ORDER BY con.conname::text COLLATE "C"
           ) AS list
    FROM pg_catalog.pg_constraint con
    WHERE con.contypid <> 0 AND con.contype = 'c'
    GROUP BY con.contypid
) AS checks ON checks.contypid = t.oid
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_type'::regclass
WHERE t.typtype = 'd' AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, t.typname
