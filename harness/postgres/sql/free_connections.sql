-- Connections that the server has left for ordinary roles.
SELECT pg_catalog.current_setting('max_connections')::integer
       - pg_catalog.current_setting('superuser_reserved_connections')::integer
       - COALESCE(pg_catalog.current_setting('reserved_connections', true)::integer, 0)
       - pg_catalog.count(*)::integer AS free
FROM pg_catalog.pg_stat_activity
WHERE backend_type = 'client backend'
