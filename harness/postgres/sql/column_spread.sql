-- How the values of one table's columns are spread, as ANALYZE last saw them: nothing where the role may not know.
SELECT s.attname::text,
       s.n_distinct,
       s.null_frac,
       COALESCE(s.most_common_freqs[1], 0)
FROM pg_catalog.pg_stats AS s
JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename
WHERE s.schemaname = %s AND s.tablename = %s AND s.inherited = (c.relkind = 'p') AND c.reltuples > 0
