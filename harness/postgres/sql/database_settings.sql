-- The value of a parameter of the application's own (its name has a dot) whose name says that it is a secret leaves the
-- server as a digest only.
SELECT s.setdatabase::bigint AS oid, setting.name, setting.secret,
       CASE WHEN setting.secret THEN pg_catalog.encode(
           pg_catalog.sha256(pg_catalog.convert_to(setting.value, 'UTF8')), 'hex') ELSE setting.value END AS value
FROM pg_catalog.pg_db_role_setting s
JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
CROSS JOIN LATERAL (
    SELECT p.name, pg_catalog.substr(t.text, pg_catalog.length(p.name) + 2) AS value,
           p.name ~ '[.]' AND p.name ~* '(secret|passw|token|key|credential|jwt|dsn|conninfo|url)' AS secret
    FROM pg_catalog.unnest(s.setconfig) AS t (text)
    CROSS JOIN LATERAL (SELECT pg_catalog.split_part(t.text, '=', 1) AS name) AS p
) AS setting
WHERE d.datname = pg_catalog.current_database() AND s.setrole = 0
ORDER BY setting.name
