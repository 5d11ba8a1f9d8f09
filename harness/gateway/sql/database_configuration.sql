-- Settings that ALTER ROLE ... SET pgrst.name gives the role of the connection; those IN DATABASE go before others.
SELECT
    substr(s.setting, 7, strpos(s.setting, '=') - 7),
    substr(s.setting, strpos(s.setting, '=') + 1)
FROM pg_db_role_setting AS d
CROSS JOIN LATERAL unnest(d.setconfig) AS s (setting)
WHERE d.setrole = (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = session_user)
    AND d.setdatabase IN (0, (SELECT b.oid FROM pg_database AS b WHERE b.datname = current_database()))
    AND s.setting LIKE 'pgrst.%'
ORDER BY d.setdatabase
