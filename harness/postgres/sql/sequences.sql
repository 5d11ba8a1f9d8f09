-- What a sequence hands out next is read from the sequences themselves, in one statement more.
SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name,
       pg_catalog.format_type(s.seqtypid, NULL) AS type,
       s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS minimum, s.seqmax AS maximum,
       s.seqcycle AS cycle, s.seqcache AS cache,
       owner.column AS owned_by,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       coalesce(owner.deptype = 'i', false) AS identity_sequence,
       CASE
           WHEN c.relpersistence = owner.relpersistence THEN 'permanent'
           WHEN c.relpersistence = 'u' THEN 'unlogged'
           -- Before PostgreSQL 15 no sequence is unlogged.
           WHEN owner.relpersistence = 'u' AND pg_catalog.current_setting('server_version_num')::int >= 150000
               THEN 'logged'
           ELSE 'permanent'
       END AS persistence,
       d.description AS comment,
       -- Not fields of a sequence: what asking for its values depends on.
       pg_catalog.has_sequence_privilege(c.oid, 'SELECT') AS readable,
       coalesce(owner.askable, false) AS askable, coalesce(owner.vacant, false) AS vacant
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT ARRAY[tn.nspname::text, t.relname::text, a.attname::text] AS column, dp.deptype, t.relpersistence,
           -- The maximum is cheap where an index leads with the column, or where the table is small.
           pg_catalog.has_column_privilege(t.oid, a.attnum, 'SELECT')
           AND NOT pg_catalog.row_security_active(t.oid)
           AND (t.relpages < 1000 AND pg_catalog.pg_relation_size(t.oid) < 8192 * 1000 OR EXISTS (
               SELECT
               FROM pg_catalog.pg_index x
               JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
               JOIN pg_catalog.pg_am am ON am.oid = i.relam
               WHERE x.indrelid = t.oid AND x.indkey[0] = a.attnum AND x.indisvalid AND x.indpred IS NULL
                 AND am.amname = 'btree'
           )) AS askable,
           t.relkind = 'r' AND NOT t.relhassubclass AND pg_catalog.pg_relation_size(t.oid) = 0 AS vacant
    FROM pg_catalog.pg_depend dp
    JOIN pg_catalog.pg_class t ON t.oid = dp.refobjid
    JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = dp.refobjsubid
    WHERE dp.classid = 'pg_catalog.pg_class'::regclass AND dp.objid = c.oid AND dp.deptype IN ('a', 'i')
      AND dp.refclassid = 'pg_catalog.pg_class'::regclass AND dp.refobjsubid > 0
) AS owner ON true
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND c.oid NOT IN (
      SELECT e.objid FROM pg_catalog.pg_depend e
      WHERE e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.classid = 'pg_catalog.pg_class'::regclass
        AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname
