-- Columns of one table by which differing rows can be grouped: what foreign keys name, and what statistics are kept.
SELECT a.attname::text,
       EXISTS (
           SELECT FROM pg_catalog.pg_constraint AS k
           WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)
       ),
       s.n_distinct,
       s.null_frac,
       s.most_common_vals::text::text[],
       s.most_common_freqs,
       s.histogram_bounds::text::text[]
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_stats AS s
       ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
      AND s.inherited = (c.relkind = 'p') AND c.reltuples > 0
WHERE n.nspname = %s AND c.relname = %s
