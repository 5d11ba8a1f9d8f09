-- `older` stands in for indnullsnotdistinct, which exists since PostgreSQL 15. The definition is cut behind the name:
-- what remains names the table and all that the index is. Its options stand there in the order in which they were given,
-- and are sorted here. A statistics target that is not set is -1 before
-- PostgreSQL 17.
SELECT i.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS table, i.relname::text AS name,
       CASE WHEN x.indisunique THEN 'CREATE UNIQUE INDEX ON ' ELSE 'CREATE INDEX ON ' END || pg_catalog.substr(
           CASE WHEN options.written IS NULL THEN pg_catalog.pg_get_indexdef(i.oid) ELSE pg_catalog.replace(
               pg_catalog.pg_get_indexdef(i.oid), ' WITH (' || options.written || ')',
               ' WITH (' || options.sorted || ')'
           ) END,
           pg_catalog.length(
               CASE WHEN x.indisunique THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END
               || pg_catalog.quote_ident(i.relname::text) || ' ON '
           ) + 1
       ) AS definition,
       CASE WHEN options.written <> options.sorted THEN
           CASE WHEN x.indisunique THEN 'CREATE UNIQUE INDEX ON ' ELSE 'CREATE INDEX ON ' END || pg_catalog.substr(
               pg_catalog.pg_get_indexdef(i.oid),
               pg_catalog.length(
                   CASE WHEN x.indisunique THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END
                   || pg_catalog.quote_ident(i.relname::text) || ' ON '
               ) + 1
           )
       END AS written,
       x.indisunique AS unique, x.indisvalid AND x.indisready AS valid,
       x.nulls_not_distinct, x.indimmediate AS immediate,
       x.indisclustered AS clustered,
       CASE WHEN above.oid IS NOT NULL THEN ARRAY[an.nspname::text, above.relname::text] END AS attached,
       CASE WHEN 0 = ANY (x.indkey::int2[]) THEN (
           SELECT pg_catalog.array_agg(a.attnum || '=' || a.attstattarget ORDER BY a.attnum)
           FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = i.oid AND a.attnum > 0 AND x.indkey[a.attnum - 1] = 0 AND a.attstattarget >= 0
       ) END AS statistics, ts.spcname::text AS tablespace,
       d.description AS comment,
       ARRAY(
           SELECT CASE
               WHEN k.attnum = 0 THEN (
                   SELECT CASE WHEN part.text LIKE '(%%' THEN part.text ELSE '(' || part.text || ')' END
                   FROM (SELECT pg_catalog.pg_get_indexdef(i.oid, k.n::int, false)) AS part (text)
               )
               ELSE (
                   SELECT a.attname::text FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = x.indrelid AND a.attnum = k.attnum
               )
           END
           FROM pg_catalog.unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
           WHERE k.n <= x.indnkeyatts
           ORDER BY k.n
       ) AS columns,
       pg_catalog.pg_get_expr(x.indpred, x.indrelid) AS predicate,
       i.reloptions AS options,
       con.conname::text AS constraint, i.relkind = 'I' AS partitioned,
       i.relpages * pg_catalog.current_setting('block_size')::bigint AS bytes,
       i.relispartition AS inherited,
       CASE WHEN above.oid IS NOT NULL THEN ARRAY[ARRAY[tn.nspname::text, t.relname::text, above.relname::text]] END
           AS parents
FROM (SELECT false AS indnullsnotdistinct) AS older
CROSS JOIN LATERAL (
    SELECT indexrelid, indrelid, indnkeyatts, indisunique, indimmediate, indisvalid, indisready, indisclustered,
           indkey, indpred, indnullsnotdistinct AS nulls_not_distinct
    FROM pg_catalog.pg_index
) AS x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint con
    ON con.conindid = i.oid AND con.conrelid = x.indrelid AND con.contype IN ('p', 'u', 'x')
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = i.reltablespace
LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.oid
LEFT JOIN pg_catalog.pg_class above ON above.oid = h.inhparent
LEFT JOIN pg_catalog.pg_namespace an ON an.oid = above.relnamespace
LEFT JOIN pg_catalog.pg_index ax ON ax.indexrelid = above.oid
LEFT JOIN pg_catalog.pg_class t ON t.oid = ax.indrelid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN LATERAL (
    SELECT pg_catalog.string_agg(option.text, ', ' ORDER BY option.n) AS written,
           pg_catalog.string_agg(option.text, ', ' ORDER BY option.text COLLATE "C") AS sorted
    FROM (
        SELECT o.n,
               pg_catalog.quote_ident(pg_catalog.split_part(o.text, '=', 1)) || '='
               || CASE WHEN pg_catalog.quote_ident(v.text) = v.text THEN v.text
                       ELSE pg_catalog.quote_literal(v.text) END AS text
        FROM pg_catalog.unnest(i.reloptions) WITH ORDINALITY AS o (text, n)
        CROSS JOIN LATERAL (
            SELECT pg_catalog.substr(o.text, pg_catalog.strpos(o.text, '=') + 1)
        ) AS v (text)
    ) AS option
) AS options ON pg_catalog.cardinality(i.reloptions) > 1
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = i.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname = ANY (%(schemas)s)
  AND c.oid NOT IN (
      SELECT e.objid FROM pg_catalog.pg_depend e
      WHERE e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.classid = 'pg_catalog.pg_class'::regclass
        AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.relname, i.relname
