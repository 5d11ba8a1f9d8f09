SELECT w.oid::bigint AS oid, w.fdwname::text AS name,
       ARRAY[hn.nspname::text, h.proname::text] AS handler,
       ARRAY[vn.nspname::text, v.proname::text] AS validator,
       w.fdwoptions AS options, pg_catalog.pg_get_userbyid(w.fdwowner)::text AS owner, d.description AS comment
FROM pg_catalog.pg_foreign_data_wrapper w
LEFT JOIN pg_catalog.pg_proc h ON h.oid = w.fdwhandler
LEFT JOIN pg_catalog.pg_namespace hn ON hn.oid = h.pronamespace
LEFT JOIN pg_catalog.pg_proc v ON v.oid = w.fdwvalidator
LEFT JOIN pg_catalog.pg_namespace vn ON vn.oid = v.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = w.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_foreign_data_wrapper'::regclass
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass AND e.objid = w.oid AND e.deptype = 'e'
)
ORDER BY w.fdwname
