-- Access control lists that say something else than PostgreSQL's own defaults: what was granted beyond them, and which
-- of them were taken away. One row an object, grantee and state, with the privileges as a list. Lists that are NULL are
-- not looked at: they are the defaults. Whoever granted a privilege does not count; grantors beside the owner are named,
-- since nobody else can take it back. The schema public starts with other privileges than a schema that is made, and
-- with fewer since PostgreSQL 15; members of extensions start with what their script grants.
WITH objects AS (
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' WHEN 'f' THEN 'foreign table'
               WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind,
           ARRAY[n.nspname::text, c.relname::text] AS names, NULL::text AS arguments,
           'pg_catalog.pg_class'::regclass AS class, c.oid, 0 AS part, c.relowner AS owner, c.relacl AS acl,
           CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS type
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname = ANY (%(schemas)s)
    UNION ALL
    SELECT 'column', ARRAY[n.nspname::text, c.relname::text, a.attname::text], NULL,
           'pg_catalog.pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl, 'c'
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = ANY (%(schemas)s)
    UNION ALL
    SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE 'routine' END, ARRAY[n.nspname::text, p.proname::text],
           pg_catalog.oidvectortypes(p.proargtypes), 'pg_catalog.pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, 'f'
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proacl IS NOT NULL AND n.nspname = ANY (%(schemas)s)
    UNION ALL
    SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite type'
               WHEN 'r' THEN 'range type' ELSE 'base type' END,
           ARRAY[n.nspname::text, t.typname::text], NULL, 'pg_catalog.pg_type'::regclass, t.oid, 0, t.typowner,
           t.typacl, 'T'
    FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
    WHERE t.typacl IS NOT NULL AND n.nspname = ANY (%(schemas)s)
      AND (t.typtype IN ('e', 'd', 'r', 'b') OR c.relkind = 'c')
    UNION ALL
    SELECT 'schema', ARRAY[n.nspname::text], NULL, 'pg_catalog.pg_namespace'::regclass, n.oid, 0, n.nspowner,
           coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)), 'n'
    FROM pg_catalog.pg_namespace n
    WHERE (n.nspacl IS NOT NULL OR n.nspname = 'public') AND n.nspname = ANY (%(schemas)s)
    UNION ALL
    SELECT 'language', ARRAY[l.lanname::text], NULL, 'pg_catalog.pg_language'::regclass, l.oid, 0, l.lanowner, l.lanacl,
           'l'
    FROM pg_catalog.pg_language l
    WHERE l.lanacl IS NOT NULL
    UNION ALL
    SELECT 'foreign data wrapper', ARRAY[f.fdwname::text], NULL, 'pg_catalog.pg_foreign_data_wrapper'::regclass, f.oid,
           0, f.fdwowner, f.fdwacl, 'F'
    FROM pg_catalog.pg_foreign_data_wrapper f
    WHERE f.fdwacl IS NOT NULL
    UNION ALL
    SELECT 'foreign server', ARRAY[s.srvname::text], NULL, 'pg_catalog.pg_foreign_server'::regclass, s.oid, 0,
           s.srvowner, s.srvacl, 'S'
    FROM pg_catalog.pg_foreign_server s
    WHERE s.srvacl IS NOT NULL
    UNION ALL
    SELECT 'database', ARRAY['-'], NULL, 'pg_catalog.pg_database'::regclass, d.oid, 0, d.datdba, d.datacl, 'd'
    FROM pg_catalog.pg_database d
    WHERE d.datacl IS NOT NULL AND d.datname = pg_catalog.current_database()
    UNION ALL
    SELECT 'large object', ARRAY[m.oid::text], NULL, 'pg_catalog.pg_largeobject'::regclass, m.oid, 0, m.lomowner,
           m.lomacl, 'L'
    FROM pg_catalog.pg_largeobject_metadata m
    WHERE m.lomacl IS NOT NULL
      AND (SELECT pg_catalog.count(*) FROM (
               SELECT FROM pg_catalog.pg_largeobject_metadata LIMIT %(large_objects)s + 1
           ) AS counted) <= %(large_objects)s
)
SELECT o.oid::bigint AS oid, o.part, o.kind, o.names, o.arguments, x.extname::text AS extension, found.grantee = o.owner AS own,
       CASE WHEN found.grantee = 0 THEN 'PUBLIC' ELSE r.rolname::text END AS grantee,
       found.with_grant_option, found.revoked, found.built_in,
       ARRAY(SELECT pg_catalog.pg_get_userbyid(g.grantor)::text FROM pg_catalog.unnest(found.grantors) AS g (grantor))
           AS grantors,
       found.privileges
FROM objects o
LEFT JOIN pg_catalog.pg_depend e
    ON e.classid = o.class AND e.objid = o.oid AND e.objsubid = 0 AND e.deptype = 'e'
    AND e.refclassid = 'pg_catalog.pg_extension'::regclass
LEFT JOIN pg_catalog.pg_extension x ON x.oid = e.refobjid
LEFT JOIN pg_catalog.pg_init_privs i
    ON x.oid IS NOT NULL AND i.classoid = o.class AND i.objoid = o.oid AND i.objsubid = o.part AND i.privtype = 'e'
CROSS JOIN LATERAL (
    SELECT given.grantee, given.with_grant_option, given.revoked, given.built_in, given.grantors,
           pg_catalog.array_agg(given.privilege ORDER BY given.privilege) AS privileges
    FROM (
        SELECT coalesce(a.grantee, b.grantee) AS grantee, coalesce(a.privilege, b.privilege) AS privilege,
               coalesce(a.with_grant_option, false) AS with_grant_option, a.grantee IS NULL AS revoked,
               b.grantee IS NOT NULL AS built_in, coalesce(a.grantors, '{}') AS grantors
        FROM (
            SELECT l.grantee, l.privilege_type AS privilege, pg_catalog.bool_or(l.is_grantable) AS with_grant_option,
                   pg_catalog.array_agg(DISTINCT l.grantor) FILTER (WHERE l.grantor <> o.owner) AS grantors
            FROM pg_catalog.aclexplode(o.acl) AS l
            GROUP BY l.grantee, l.privilege_type
        ) AS a
        FULL JOIN (
            SELECT d.grantee, d.privilege_type AS privilege, pg_catalog.bool_or(d.is_grantable) AS with_grant_option
            FROM pg_catalog.aclexplode(
                CASE
                    WHEN i.initprivs IS NOT NULL THEN i.initprivs
                    WHEN o.kind = 'column' THEN NULL
                    ELSE pg_catalog.acldefault(o.type, o.owner)
                END
            ) AS d
            GROUP BY 1, 2
            UNION ALL
            SELECT 0, p.privilege, false
            FROM (VALUES ('USAGE', 0), ('CREATE', 150000)) AS p (privilege, ended)
            WHERE o.kind = 'schema' AND o.names[1] = 'public'
              AND (p.ended = 0 OR pg_catalog.current_setting('server_version_num')::int < p.ended)
        ) AS b ON b.grantee = a.grantee AND b.privilege = a.privilege
        WHERE a.grantee IS NULL OR b.grantee IS NULL OR a.with_grant_option AND NOT b.with_grant_option
    ) AS given
    GROUP BY given.grantee, given.with_grant_option, given.revoked, given.built_in, given.grantors
) AS found
LEFT JOIN pg_catalog.pg_roles r ON r.oid = found.grantee
WHERE found.grantee = 0 OR r.oid IS NOT NULL
ORDER BY o.kind, o.names, o.arguments, grantee
