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
    coalesce(arguments.declared, '{}'),
    coalesce(arguments.required, '{}'),
    p.provariadic <> 0,
    p.proretset,
    returned.composite,
    format_type(p.prorettype, NULL),
    CASE WHEN returned.composite THEN coalesce(returned.relation, u.typname) END,
    p.provolatile::text,
    coalesce(p.proconfig, '{}')
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN base ON base.oid = p.prorettype
JOIN pg_type AS u ON u.oid = base.below AND u.typtype <> 'd'
CROSS JOIN LATERAL (
    SELECT
        -- TABLE, INOUT and OUT make a row of what would be a scalar
        u.typtype = 'c' OR coalesce(p.proargmodes::text[] && '{t,b,o}', false) AS composite,
        (SELECT c.relname FROM pg_class AS c WHERE c.oid = u.typrelid) AS relation
) AS returned
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
        array_agg(format_type(x.type, NULL) ORDER BY x.place) AS declared,
        array_agg(x.place <= p.pronargs - p.pronargdefaults ORDER BY x.place) AS required
    FROM (
        SELECT each.name, each.type, row_number() OVER (ORDER BY each.number) AS place
        FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes::text[])
            WITH ORDINALITY AS each (name, type, mode, number)
        WHERE each.type IS NOT NULL AND coalesce(each.mode, 'i') IN ('i', 'b', 'v')
    ) AS x
) AS arguments ON true
WHERE p.prokind = 'f'
    AND u.oid <> 'trigger'::regtype
    AND n.nspname = ANY ($1)
    -- where no argument has a name there may be one, of a type that a whole body can be
    AND NOT (
        p.proargnames IS NULL
        AND p.pronargs > 0
        AND (
            p.pronargs > 1
            OR p.proargtypes[0] NOT IN (
                'bytea'::regtype, 'json'::regtype, 'jsonb'::regtype, 'text'::regtype, 'xml'::regtype
            )
        )
    )
ORDER BY n.nspname, p.proname, p.pronargs
