SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name,
       c.relkind = 'm' AS materialized,
       pg_catalog.pg_get_viewdef(c.oid) AS definition,
       (SELECT pg_catalog.array_agg(
                   a.attname::text || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       ARRAY(
           SELECT each.name || '=' || each.value
           FROM (
               SELECT written.name, CASE
                   WHEN written.name IN (
                       'security_barrier', 'security_invoker', 'autovacuum_enabled', 'vacuum_truncate',
                       'toast.autovacuum_enabled', 'toast.vacuum_truncate')
                       THEN written.value::boolean::text
                   ELSE written.value
               END AS value
               FROM (
                   SELECT pg_catalog.split_part(option.text, '=', 1) AS name,
                          pg_catalog.substr(option.text, pg_catalog.strpos(option.text, '=') + 1) AS value
                   FROM pg_catalog.unnest(options.written) AS option (text)
               ) AS written
           ) AS each
           WHERE (each.name, each.value) NOT IN (('security_barrier', 'false'), ('security_invoker', 'false'))
       ) AS options,
       options.written AS written_options,
       c.relispopulated AS populated,
       nullif(am.amname::text, 'heap') AS access_method,
       ts.spcname::text AS tablespace,
       CASE c.relreplident
           WHEN 'f' THEN 'full'
           WHEN 'i' THEN 'index ' || coalesce((
               SELECT i.relname::text
               FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
               WHERE x.indrelid = c.oid AND x.indisreplident), '')
           ELSE 'default'
       END AS replica_identity,
       (SELECT pg_catalog.array_agg(coalesce(cn.nspname || '.' || co.collname, '') ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
        LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS collations,
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
            WHERE w.ev_class = c.oid AND w.rulename = '_RETURN'
        ) AS read) AS depends_on
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
CROSS JOIN LATERAL (
    SELECT c.reloptions || ARRAY(SELECT 'toast.' || text FROM pg_catalog.unnest(toast.reloptions) AS text) AS written
) AS options
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname
