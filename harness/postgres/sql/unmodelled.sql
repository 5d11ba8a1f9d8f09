-- Objects of the kinds, and attributes of the modelled kinds, that a catalog does not hold: kind and name of each. The
-- first name is the schema, NULL where the object belongs to the database as a whole. `older` stands in for columns
-- that this version lacks: attcompression (14), conenforced (18).
SELECT DISTINCT found.kind, found.names
FROM (
    SELECT 'foreign table' AS kind, ARRAY[n.nspname::text, c.relname::text] AS names, c.relnamespace AS namespace,
           'pg_catalog.pg_class'::regclass AS class, c.oid AS object
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'f'
    UNION ALL
    SELECT 'composite type', ARRAY[n.nspname::text, c.relname::text], c.relnamespace,
           'pg_catalog.pg_type'::regclass, c.reltype
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'c'
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE 'base type' END,
           ARRAY[n.nspname::text, t.typname::text], t.typnamespace, 'pg_catalog.pg_type'::regclass, t.oid
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('d', 'r', 'p')
       OR t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
    UNION ALL
    SELECT 'aggregate', ARRAY[n.nspname::text, p.proname::text, pg_catalog.oidvectortypes(p.proargtypes)],
           p.pronamespace, 'pg_catalog.pg_proc'::regclass, p.oid
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prokind = 'a'
    UNION ALL
    SELECT 'rule', ARRAY[n.nspname::text, c.relname::text, w.rulename::text], c.relnamespace,
           'pg_catalog.pg_class'::regclass, c.oid
    FROM pg_catalog.pg_rewrite w
    JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'statistics object', ARRAY[n.nspname::text, s.stxname::text], s.stxnamespace,
           'pg_catalog.pg_statistic_ext'::regclass, s.oid
    FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
    UNION ALL
    SELECT 'collation', ARRAY[n.nspname::text, c.collname::text], c.collnamespace,
           'pg_catalog.pg_collation'::regclass, c.oid
    FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
    UNION ALL
    SELECT 'conversion', ARRAY[n.nspname::text, c.conname::text], c.connamespace,
           'pg_catalog.pg_conversion'::regclass, c.oid
    FROM pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
    UNION ALL
    SELECT 'operator',
           ARRAY[n.nspname::text, o.oprname::text, pg_catalog.format_type(o.oprleft, NULL),
                 pg_catalog.format_type(o.oprright, NULL)],
           o.oprnamespace, 'pg_catalog.pg_operator'::regclass, o.oid
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    UNION ALL
    SELECT 'operator class', ARRAY[n.nspname::text, o.opcname::text, am.amname::text], o.opcnamespace,
           'pg_catalog.pg_opclass'::regclass, o.oid
    FROM pg_catalog.pg_opclass o
    JOIN pg_catalog.pg_am am ON am.oid = o.opcmethod
    JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
    UNION ALL
    SELECT 'operator family', ARRAY[n.nspname::text, o.opfname::text, am.amname::text], o.opfnamespace,
           'pg_catalog.pg_opfamily'::regclass, o.oid
    FROM pg_catalog.pg_opfamily o
    JOIN pg_catalog.pg_am am ON am.oid = o.opfmethod
    JOIN pg_catalog.pg_namespace n ON n.oid = o.opfnamespace
    UNION ALL
    SELECT 'text search configuration', ARRAY[n.nspname::text, t.cfgname::text], t.cfgnamespace,
           'pg_catalog.pg_ts_config'::regclass, t.oid
    FROM pg_catalog.pg_ts_config t JOIN pg_catalog.pg_namespace n ON n.oid = t.cfgnamespace
    UNION ALL
    SELECT 'text search dictionary', ARRAY[n.nspname::text, t.dictname::text], t.dictnamespace,
           'pg_catalog.pg_ts_dict'::regclass, t.oid
    FROM pg_catalog.pg_ts_dict t JOIN pg_catalog.pg_namespace n ON n.oid = t.dictnamespace
    UNION ALL
    SELECT 'text search parser', ARRAY[n.nspname::text, t.prsname::text], t.prsnamespace,
           'pg_catalog.pg_ts_parser'::regclass, t.oid
    FROM pg_catalog.pg_ts_parser t JOIN pg_catalog.pg_namespace n ON n.oid = t.prsnamespace
    UNION ALL
    SELECT 'text search template', ARRAY[n.nspname::text, t.tmplname::text], t.tmplnamespace,
           'pg_catalog.pg_ts_template'::regclass, t.oid
    FROM pg_catalog.pg_ts_template t JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
    UNION ALL
    -- Attributes of relations.
    SELECT attribute.kind, ARRAY[n.nspname::text, c.relname::text], c.relnamespace,
           'pg_catalog.pg_class'::regclass, coalesce(x.indrelid, c.oid)
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
    CROSS JOIN LATERAL (VALUES
        ('tablespace', c.reltablespace <> 0 AND c.relkind IN ('r', 'p', 'm', 'i', 'I')),
        ('typed table', c.reloftype <> 0),
        ('table access method', c.relkind IN ('r', 'p', 'm') AND am.amname <> 'heap'),
        ('storage parameters of the TOAST table', EXISTS (
            SELECT FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL)),
        ('unlogged sequence', c.relkind = 'S' AND c.relpersistence = 'u'),
        ('unpopulated materialized view', c.relkind = 'm' AND NOT c.relispopulated),
        ('clustering index', x.indisclustered),
        ('storage parameters of a constraint''s index', c.reloptions IS NOT NULL AND EXISTS (
            SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = c.oid AND o.contype IN ('p', 'u', 'x'))),
        ('comment on a constraint''s index', pg_catalog.obj_description(c.oid, 'pg_class') IS NOT NULL AND EXISTS (
            SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = c.oid AND o.contype IN ('p', 'u', 'x')))
    ) AS attribute (kind, present)
    WHERE attribute.present AND n.nspname = ANY (%(schemas)s)
    UNION ALL
    -- Attributes of columns.
    SELECT attribute.kind, ARRAY[n.nspname::text, c.relname::text, a.attname::text], c.relnamespace,
           'pg_catalog.pg_class'::regclass, c.oid
    FROM (SELECT ''::"char" AS attcompression) AS older
    CROSS JOIN LATERAL (
        SELECT attrelid, attname, attnum, attstorage, atttypid, attstattarget, attoptions, attisdropped, atthasdef,
               attcompression AS compression
        FROM pg_catalog.pg_attribute
        WHERE attnum > 0 AND NOT attisdropped
    ) AS a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    CROSS JOIN LATERAL (VALUES
        ('column storage', c.relkind IN ('r', 'p') AND a.attstorage <> t.typstorage),
        ('column compression', a.compression <> ''),
        ('statistics target', a.attstattarget >= 0 AND (c.relkind NOT IN ('i', 'I') OR a.attstattarget > 0)),
        ('column options', a.attoptions IS NOT NULL AND c.relkind IN ('r', 'p', 'm')),
        ('default of a view''s column', c.relkind = 'v' AND a.atthasdef),
        ('comment on a view''s column',
            c.relkind IN ('v', 'm') AND pg_catalog.col_description(c.oid, a.attnum) IS NOT NULL)
    ) AS attribute (kind, present)
    WHERE attribute.present AND c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I') AND n.nspname = ANY (%(schemas)s)
    UNION ALL
    -- NOT NULL as a constraint of its own (18): its name says nothing, these two do.
    SELECT CASE WHEN NOT con.convalidated THEN 'NOT NULL that is not valid' ELSE 'NOT NULL that is not inherited' END,
           ARRAY[n.nspname::text, c.relname::text, con.conname::text], c.relnamespace,
           'pg_catalog.pg_class'::regclass, c.oid
    FROM pg_catalog.pg_constraint con
    JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE con.contype = 'n' AND (NOT con.convalidated OR con.connoinherit)
    UNION ALL
    -- Of the database as a whole.
    SELECT 'event trigger', ARRAY[e.evtname::text], NULL, 'pg_catalog.pg_event_trigger'::regclass, e.oid
    FROM pg_catalog.pg_event_trigger e
    UNION ALL
    SELECT 'publication', ARRAY[p.pubname::text], NULL, 'pg_catalog.pg_publication'::regclass, p.oid
    FROM pg_catalog.pg_publication p
    UNION ALL
    -- Its oid is not for every role to read.
    SELECT 'subscription', ARRAY[s.subname::text], NULL, 'pg_catalog.pg_subscription'::regclass, 16384::oid
    FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
    WHERE d.datname = pg_catalog.current_database()
    UNION ALL
    SELECT 'cast', ARRAY[pg_catalog.format_type(c.castsource, NULL), pg_catalog.format_type(c.casttarget, NULL)], NULL,
           'pg_catalog.pg_cast'::regclass, c.oid
    FROM pg_catalog.pg_cast c
    UNION ALL
    SELECT 'transform', ARRAY[pg_catalog.format_type(t.trftype, NULL), l.lanname::text], NULL,
           'pg_catalog.pg_transform'::regclass, t.oid
    FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_language l ON l.oid = t.trflang
    UNION ALL
    SELECT 'language', ARRAY[l.lanname::text], NULL, 'pg_catalog.pg_language'::regclass, l.oid
    FROM pg_catalog.pg_language l
    UNION ALL
    SELECT 'access method', ARRAY[a.amname::text], NULL, 'pg_catalog.pg_am'::regclass, a.oid
    FROM pg_catalog.pg_am a
    UNION ALL
    SELECT 'foreign data wrapper', ARRAY[f.fdwname::text], NULL, 'pg_catalog.pg_foreign_data_wrapper'::regclass, f.oid
    FROM pg_catalog.pg_foreign_data_wrapper f
    UNION ALL
    SELECT 'foreign server', ARRAY[s.srvname::text], NULL, 'pg_catalog.pg_foreign_server'::regclass, s.oid
    FROM pg_catalog.pg_foreign_server s
    UNION ALL
    -- Names only: a setting's value may be a secret.
    SELECT 'database setting',
           CASE WHEN r.rolname IS NULL THEN ARRAY[pg_catalog.split_part(setting.text, '=', 1)]
               ELSE ARRAY[r.rolname::text, pg_catalog.split_part(setting.text, '=', 1)] END,
           NULL, 'pg_catalog.pg_db_role_setting'::regclass, 16384::oid
    FROM pg_catalog.pg_db_role_setting s
    JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
    CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS setting (text)
    WHERE d.datname = pg_catalog.current_database()
    UNION ALL
    -- One line for all of them: there may be millions, and they are rows rather than structure.
    SELECT 'large objects', ARRAY['pg_largeobject'], NULL, 'pg_catalog.pg_largeobject'::regclass,
           pg_catalog.max(m.oid)
    FROM pg_catalog.pg_largeobject_metadata m
    HAVING pg_catalog.count(*) > 0
) AS found
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = found.namespace
WHERE found.object >= 16384 AND (found.namespace IS NULL OR n.nspname = ANY (%(schemas)s))
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = found.class AND e.objid = found.object AND e.deptype = 'e'
  )
