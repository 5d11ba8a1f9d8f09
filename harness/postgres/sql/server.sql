-- The database and its server. The columns of `older` stand in for those that this version of pg_database lacks: a
-- name that the inner query's table does not have resolves to them.
SELECT pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1) AS version,
       pg_catalog.current_setting('server_version_num')::int AS version_number,
       pg_catalog.current_database()::text AS database,
       pg_catalog.pg_encoding_to_char(d.encoding)::text AS encoding,
       CASE WHEN d.provider = 'c' THEN d.datcollate::text ELSE coalesce(d.locale, d.datcollate::text) END AS collate,
       d.datctype::text AS ctype,
       CASE d.provider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE d.provider::text END
           AS locale_provider,
       -- The session itself is set to UTC; what other sessions get is the value that this one started with.
       (SELECT s.reset_val FROM pg_catalog.pg_settings s WHERE s.name = 'TimeZone') AS timezone,
       ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.rolname = ANY (%(roles)s))
           AS platform_roles,
       ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r) AS roles,
       (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = 10) AS superuser,
       current_user::text AS reader,
       ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.rolsuper ORDER BY r.rolname) AS superusers
FROM (SELECT 'c'::"char" AS datlocprovider, NULL::text AS daticulocale, NULL::text AS datlocale) AS older
CROSS JOIN LATERAL (
    SELECT encoding, datcollate, datctype, datlocprovider AS provider, coalesce(datlocale, daticulocale) AS locale
    FROM pg_catalog.pg_database
    WHERE datname = pg_catalog.current_database()
) AS d
