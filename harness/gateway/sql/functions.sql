-- Functions that can be called by name: arguments, what comes back, volatility, settings of its own.
-- $1: schema names
WITH RECURSIVE base (oid, below) AS (
    SELECT t.oid, t.oid FROM pg_type AS t
    UNION
    SELECT b.oid, t.typbasetype
    FROM base AS b
    JOIN pg_type AS t ON t.oid = b.below
    WHERE t.typtype = 'd'
)
SELECT
    n.nspname,
    p.proname,
    coalesce(arguments.names, '{}'),
    coalesce(arguments.types, '{}'),
    coalesce(arguments.required, '{}'),
    p.provariadic <> 0,
    p.proretset,
    u.typtype = 'c' OR coalesce(p.proargmodes::text[] && '{t,b,o}', false),
    format_type(p.prorettype, NULL),
    returned.relname,
    p.provolatile::text,
    coalesce(p.proconfig, '{}'),
    t.typtype = 'd' AND (t.typname ~ '^[A-Za-z0-9.-]+/[A-Za-z0-9.+-]+$' OR t.typname = '*/*')
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_type AS t ON t.oid = p.prorettype
JOIN base ON base.oid = p.prorettype
JOIN pg_type AS u ON u.oid = base.below AND u.typtype <> 'd'
LEFT JOIN pg_class AS returned ON returned.oid = u.typrelid AND returned.relkind <> 'c'
LEFT JOIN LATERAL (
    SELECT
        array_agg(coalesce(x.name, '') ORDER BY x.place) AS names,
        array_agg(
            -- these types cut or refuse what is longer than one unit: their varying forms take any length
            CASE x.type
                WHEN 'bit'::regtype THEN 'bit varying'
                WHEN 'bit[]'::regtype THEN 'bit varying[]'
                WHEN 'character'::regtype THEN 'character varying'
                WHEN 'character[]'::regtype THEN 'character varying[]'
                ELSE format_type(x.type, NULL)
            END
            ORDER BY x.place
        ) AS types,
        array_agg(x.place <= p.pronargs - p.pronargdefaults ORDER BY x.place) AS required
    FROM (
        SELECT each.name, each.type, row_number() OVER (ORDER BY each.number) AS place
        FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes::text[])
            WITH ORDINALITY AS each (name, type, mode, number)
        WHERE each.type IS NOT NULL AND coalesce(each.mode, 'i') IN ('i', 'b', 'v')
    ) AS x
) AS arguments ON true
WHERE p.prokind = 'f'
    AND p.prorettype <> 'trigger'::regtype
    AND n.nspname = ANY ($1)
    -- at most one argument without a name, of a type that a whole body can be
    AND NOT (
        '' = ANY (coalesce(arguments.names, '{}'))
        AND (
            p.pronargs > 1
            OR p.proargtypes[0] NOT IN (
                'bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text'::regtype, 'xml'::regtype
            )
        )
    )
ORDER BY n.nspname, p.proname, p.pronargs, arguments.names
