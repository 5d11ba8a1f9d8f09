-- `older` stands in for indnullsnotdistinct, which exists since PostgreSQL 15. The definition is cut behind the name:
-- what remains names the table and all that the index is.
SELECT i.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS table, i.relname::text AS name,
       CASE WHEN x.indisunique THEN 'CREATE UNIQUE INDEX ON ' ELSE 'CREATE INDEX ON ' END || pg_catalog.substr(
           pg_catalog.pg_get_indexdef(i.oid),
           pg_catalog.length(
               CASE WHEN x.indisunique THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END
               || pg_catalog.quote_ident(i.relname::text) || ' ON '
           ) + 1
       ) AS definition,
       x.indisunique AS unique, x.indisvalid AND x.indisready AS valid,
       x.nulls_not_distinct, x.indimmediate AS immediate,
       d.description AS comment,
       (SELECT pg_catalog.array_agg(
                   CASE
                       WHEN k.attnum <> 0 THEN a.attname::text
                       WHEN part.text LIKE '(%%' THEN part.text
                       ELSE '(' || part.text || ')'
                   END
                   ORDER BY k.n)
        FROM pg_catalog.unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
        LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_indexdef(i.oid, k.n::int, false)) AS part (text) ON k.attnum = 0
        WHERE k.n <= x.indnkeyatts) AS columns,
       pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate,
       con.conname::text AS constraint,
       pg_catalog.pg_relation_size(i.oid) AS bytes,
       i.relispartition AS inherited
FROM (SELECT false AS indnullsnotdistinct) AS older
CROSS JOIN LATERAL (
    SELECT indexrelid, indrelid, indnkeyatts, indisunique, indimmediate, indisvalid, indisready, indkey, indpred,
           indnullsnotdistinct AS nulls_not_distinct
    FROM pg_catalog.pg_index
) AS x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint con
    ON con.conindid = i.oid AND con.conrelid = x.indrelid AND con.contype IN ('p', 'u', 'x')
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = i.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, i.relname
