-- All statements of this database since the last reset.
SELECT
    coalesce(sum(calls), 0)::bigint AS calls,
    (sum(total_exec_time) / nullif(sum(calls), 0))::float8 AS mean_ms
FROM {view}
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
