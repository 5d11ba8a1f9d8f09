-- What a clone of this database has to be created with. One row. The column of `older` stands in for the one that
-- pg_database lacks before version 15: a name that the inner query's table does not have resolves to it.
SELECT pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.pg_encoding_to_char(d.encoding),
       d.datcollate,
       d.datctype,
       d.provider,
       owner.rolname::text,
       session_user::text,
       me.rolsuper
FROM (SELECT 'c'::"char" AS datlocprovider) AS older
CROSS JOIN LATERAL (
    SELECT encoding, datcollate, datctype, datdba, datlocprovider::text AS provider
    FROM pg_catalog.pg_database
    WHERE datname = pg_catalog.current_database()
) AS d
JOIN pg_catalog.pg_roles owner ON owner.oid = d.datdba
JOIN pg_catalog.pg_roles me ON me.rolname = session_user
