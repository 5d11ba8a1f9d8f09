-- Objects of the kinds, and attributes of the modelled kinds, that a catalog does not hold: kind and name of each, or its
-- identity as the server spells it. The first name is the schema, NULL where the object belongs to the database as a whole.
SELECT DISTINCT found.kind, found.names, NULL::text AS spelled
FROM (
    -- Of the database as a whole.
    SELECT 'settings of a subscription', ARRAY[s.subname::text], NULL::oid, 'pg_catalog.pg_subscription'::regclass,
           16384::oid
    FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
    WHERE d.datname = pg_catalog.current_database()
      AND NOT pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')
    UNION ALL
    -- The view shows them to whom they concern, as user_mappings.sql has it.
    SELECT 'options of a user mapping', ARRAY[m.srvname::text, coalesce(m.usename::text, 'public')], NULL,
           'pg_catalog.pg_user_mapping'::regclass, m.umid
    FROM pg_catalog.pg_user_mappings m
    JOIN pg_catalog.pg_foreign_server f ON f.oid = m.srvid
    WHERE NOT coalesce(
        (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
        OR m.umuser = 0 AND pg_catalog.pg_has_role(f.srvowner, 'USAGE')
        OR m.usename = current_user
            AND (pg_catalog.pg_has_role(f.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(f.oid, 'USAGE')), false)
    UNION ALL
    -- One line for all of them where they are many: they are rows rather than structure.
    SELECT 'large objects', ARRAY['pg_largeobject'], NULL, 'pg_catalog.pg_largeobject'::regclass,
           pg_catalog.max(m.oid)
    FROM pg_catalog.pg_largeobject_metadata m
    HAVING pg_catalog.count(*) > %(large_objects)s
) AS found (kind, names, namespace, class, object)
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = found.namespace
WHERE found.object >= 16384 AND (found.namespace IS NULL OR n.nspname = ANY (%(schemas)s))
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = found.class AND e.objid = found.object AND e.deptype = 'e'
  )
UNION
-- What a newer server has and this version knows nothing of: rows of other system catalogs, other kinds of relations.
SELECT known.type, NULL, known.identity
FROM (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
    WHERE d.objid >= 16384 AND d.deptype <> 'e' AND d.classid NOT IN (
        SELECT c.oid FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relname = ANY (%(known_catalogs)s)
    )
    UNION
    SELECT 'pg_catalog.pg_class'::regclass, c.oid FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= 16384 AND n.nspname = ANY (%(schemas)s)
      AND c.relkind NOT IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I', 't', 'c')
) AS unknown,
pg_catalog.pg_identify_object(unknown.classid, unknown.objid, 0) AS known
WHERE (known.schema IS NULL OR known.schema = ANY (%(schemas)s))
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = unknown.classid AND e.objid = unknown.objid AND e.deptype = 'e'
  )
