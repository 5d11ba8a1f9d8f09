-- What objects get that a role makes later. Entries for all schemas stand in the place of the built-in defaults, so what
-- they lack of these was taken away; entries for one schema come on top.
SELECT d.oid::bigint AS oid, creator.rolname::text AS creator, coalesce(n.nspname::text, '') AS in_schema,
       CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
           WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END AS object_type,
       CASE WHEN found.grantee = 0 THEN 'PUBLIC' ELSE r.rolname::text END AS grantee,
       found.privilege, found.with_grant_option, found.revoked, found.built_in
FROM pg_catalog.pg_default_acl d
JOIN pg_catalog.pg_roles creator ON creator.oid = d.defaclrole
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL (
    SELECT coalesce(a.grantee, b.grantee) AS grantee, coalesce(a.privilege, b.privilege) AS privilege,
           coalesce(a.with_grant_option, false) AS with_grant_option, a.grantee IS NULL AS revoked,
           b.grantee IS NOT NULL AS built_in
    FROM (
        SELECT l.grantee, l.privilege_type AS privilege, pg_catalog.bool_or(l.is_grantable) AS with_grant_option
        FROM pg_catalog.aclexplode(d.defaclacl) AS l
        GROUP BY l.grantee, l.privilege_type
    ) AS a
    FULL JOIN (
        SELECT b.grantee, b.privilege_type AS privilege
        FROM pg_catalog.aclexplode(
            CASE
                WHEN d.defaclnamespace = 0 THEN pg_catalog.acldefault(
                    CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)
                ELSE NULL
            END
        ) AS b
    ) AS b ON b.grantee = a.grantee AND b.privilege = a.privilege
    WHERE a.grantee IS NULL OR b.grantee IS NULL OR a.with_grant_option
) AS found
LEFT JOIN pg_catalog.pg_roles r ON r.oid = found.grantee
WHERE (d.defaclnamespace = 0 OR n.nspname = ANY (%(schemas)s)) AND (found.grantee = 0 OR r.oid IS NOT NULL)
ORDER BY 2, 3, 4, 5, 6
