WITH bound AS MATERIALIZED (
    SELECT r.oid, r.rolname
    FROM pg_catalog.pg_roles r
    WHERE r.rolname = ANY (%(roles)s) AND NOT r.rolbypassrls AND NOT r.rolsuper
)
SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name,
       CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' ELSE 'permanent' END AS persistence,
       CASE WHEN c.relkind = 'p' OR am.amname <> 'heap' THEN am.amname::text END AS access_method, ts.spcname::text AS tablespace,
       CASE WHEN c.reloftype <> 0 THEN ARRAY[tn.nspname::text, t.typname::text] END AS of,
       CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_key,
       CASE WHEN c.relispartition THEN parents.names END AS partition_parent,
       CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END AS partition_bound,
       CASE WHEN NOT c.relispartition THEN parents.names END AS inherits,
       c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
       CASE c.relreplident
           WHEN 'd' THEN 'default' WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full'
           ELSE 'index ' || coalesce((
               SELECT i.relname::text
               FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
               WHERE x.indrelid = c.oid AND x.indisreplident
           ), '')
       END AS replica_identity,
       c.reloptions || ARRAY(
           SELECT 'toast.' || toast_option FROM pg_catalog.unnest(toast.reloptions) AS toast_option
       ) AS options,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       -- Before PostgreSQL 14 a table that was never analysed has reltuples 0, since 14 it has -1.
       CASE
           WHEN c.relkind = 'p' THEN c.reltuples::bigint
           WHEN sizes.heap = 0 THEN 0
           WHEN c.reltuples < 0 OR c.relpages = 0 THEN -1
           ELSE c.reltuples::bigint
       END AS estimated_rows,
       sizes.heap AS bytes,
       ARRAY(
           SELECT r.rolname::text
           FROM bound r
           WHERE r.oid <> c.relowner
             AND pg_catalog.has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')
       ) AS exposed_to,
       -- Not fields of a table: what counting its rows depends on.
       pg_catalog.has_table_privilege(c.oid, 'SELECT') AND NOT pg_catalog.row_security_active(c.oid) AS readable,
       c.relkind::text AS relkind
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    -- The files are looked at only where VACUUM and ANALYZE have left nothing to go by.
    SELECT CASE
               WHEN c.relkind = 'p' THEN 0
               WHEN c.reltuples < 0 OR c.relpages = 0 THEN coalesce(pg_catalog.pg_relation_size(c.oid), 0)
               ELSE c.relpages * pg_catalog.current_setting('block_size')::bigint
           END AS heap
) AS sizes
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_type t ON t.oid = c.reloftype
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
LEFT JOIN (
    SELECT i.inhrelid,
           pg_catalog.array_agg(ARRAY[pn.nspname::text, p.relname::text] ORDER BY i.inhseqno) AS names
    FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
    JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
    GROUP BY i.inhrelid
) AS parents ON parents.inhrelid = c.oid
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (%(schemas)s)
  AND c.oid NOT IN (
      SELECT e.objid FROM pg_catalog.pg_depend e
      WHERE e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.classid = 'pg_catalog.pg_class'::regclass
        AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname
