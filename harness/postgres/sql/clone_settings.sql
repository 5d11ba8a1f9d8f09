-- Settings that change answers: what this role gets in this database (RESET would bring it back), by role ''
-- for the session's own, and what is set for other roles.
SELECT ''::text, s.name, s.reset_val
FROM pg_catalog.pg_settings s
WHERE s.name IN ('search_path', 'TimeZone', 'DateStyle', 'IntervalStyle', 'default_text_search_config', 'bytea_output',
                 'extra_float_digits', 'xmloption', 'lc_monetary', 'lc_numeric', 'lc_time', 'statement_timeout',
                 'standard_conforming_strings', 'row_security', 'default_transaction_isolation')
UNION ALL
SELECT r.rolname::text, pg_catalog.split_part(c.setting, '=', 1), pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1)
FROM pg_catalog.pg_db_role_setting s
JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c(setting)
WHERE r.rolname <> session_user
  AND c.setting NOT LIKE '%preload_libraries=%'
  AND (s.setdatabase = 0
       OR s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
ORDER BY 1, 2
