-- What a clone of this database has to be created with. One row.
SELECT pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.pg_encoding_to_char(d.encoding),
       d.datcollate,
       d.datctype,
       d.datlocprovider::text,
       owner.rolname::text,
       session_user::text,
       me.rolsuper
FROM pg_catalog.pg_database d
JOIN pg_catalog.pg_roles owner ON owner.oid = d.datdba
JOIN pg_catalog.pg_roles me ON me.rolname = session_user
WHERE d.datname = pg_catalog.current_database()
