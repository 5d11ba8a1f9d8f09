-- The statements of this database that take longest by their mean. A text is read no further than {longest} characters.
SELECT
    queryid::text AS query_id,
    pg_catalog.left(query, {longest}) AS query,
    calls,
    mean_exec_time AS mean_ms,
    max_exec_time AS max_ms
FROM {view}
WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
ORDER BY mean_exec_time DESC, queryid
LIMIT {most}
