SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name,
       c.relkind = 'm' AS materialized,
       pg_catalog.pg_get_viewdef(c.oid) AS definition,
       (SELECT pg_catalog.array_agg(
                   a.attname::text || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       c.reloptions AS options,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       (SELECT pg_catalog.array_agg(ARRAY[read.schema, read.name])
        FROM (
            SELECT DISTINCT rn.nspname::text AS schema, r.relname::text AS name
            FROM pg_catalog.pg_rewrite w
            JOIN pg_catalog.pg_depend dp
                ON dp.classid = 'pg_catalog.pg_rewrite'::regclass AND dp.objid = w.oid
               AND dp.refclassid = 'pg_catalog.pg_class'::regclass AND dp.refobjid <> c.oid
            JOIN pg_catalog.pg_class r ON r.oid = dp.refobjid
            JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
            WHERE w.ev_class = c.oid
        ) AS read) AS depends_on
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname
