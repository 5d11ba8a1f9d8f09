-- Settings of the roles that the connection may become, as far as it may set them itself.
SELECT
    r.rolname,
    substr(s.setting, 1, strpos(s.setting, '=') - 1),
    substr(s.setting, strpos(s.setting, '=') + 1)
FROM pg_roles AS r
CROSS JOIN LATERAL unnest(r.rolconfig) AS s (setting)
LEFT JOIN pg_settings AS known ON lower(known.name) = lower(substr(s.setting, 1, strpos(s.setting, '=') - 1))
WHERE pg_has_role(current_user, r.oid, 'MEMBER')
    AND (
        known.context = 'user'
        OR (known.context = 'superuser' AND (SELECT me.rolsuper FROM pg_roles AS me WHERE me.rolname = current_user))
    )
ORDER BY r.rolname, 2
