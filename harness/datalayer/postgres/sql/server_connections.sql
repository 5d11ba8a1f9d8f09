-- How many connections the server of this session has for ordinary roles, and how many others use now.
-- reserved_connections is of PostgreSQL 16 and newer. What kind a session is shows only to its own role and to
-- pg_read_all_stats: one that hides it counts, since it may be a client's.
SELECT
    current_setting('max_connections')::integer AS max_connections,
    current_setting('superuser_reserved_connections')::integer AS superuser_reserved,
    coalesce(current_setting('reserved_connections', true)::integer, 0) AS reserved,
    (
        SELECT count(*)
        FROM pg_catalog.pg_stat_activity AS activity
        WHERE activity.pid <> pg_catalog.pg_backend_pid()
            AND activity.datid IS NOT NULL
            AND activity.usesysid IS NOT NULL
            AND coalesce(activity.backend_type, 'client backend') = 'client backend'
            AND coalesce(activity.application_name, '') <> ALL (%s::text[])
    )::integer AS used_by_others,
    (
        SELECT nullif(
            least(
                CASE WHEN role.rolconnlimit < 0 THEN 2147483647 ELSE role.rolconnlimit END,
                CASE WHEN database.datconnlimit < 0 THEN 2147483647 ELSE database.datconnlimit END
            ),
            2147483647
        )
        FROM pg_catalog.pg_roles AS role
        CROSS JOIN pg_catalog.pg_database AS database
        WHERE role.rolname = current_user AND database.datname = pg_catalog.current_database() AND NOT role.rolsuper
    ) AS connection_limit
