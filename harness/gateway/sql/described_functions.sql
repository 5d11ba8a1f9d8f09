-- The functions of a schema that can be called by name, with their comments and arguments, those alone that the current
-- role may execute where that is asked. Of several with one name the one with the most arguments comes last.
-- $1: schema name, $2: whether privileges are followed
SELECT
    p.proname,
    d.comment,
    p.provolatile = 'v',
    coalesce(arguments.names, '{}') AS names,
    coalesce(arguments.types, '{}'),
    coalesce(arguments.required, '{}'),
    coalesce(arguments.variadic, '{}')
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
CROSS JOIN LATERAL (SELECT obj_description(p.oid, 'pg_proc') AS comment) AS d
LEFT JOIN LATERAL (
    SELECT
        array_agg(coalesce(x.name, '') ORDER BY x.place) AS names,
        array_agg(x.type::regtype::text ORDER BY x.place) AS types,
        array_agg(x.place <= p.pronargs - p.pronargdefaults ORDER BY x.place) AS required,
        array_agg(x.variadic ORDER BY x.place) AS variadic
    FROM (
        SELECT
            each.name, each.type, coalesce(each.mode = 'v', false) AS variadic,
            row_number() OVER (ORDER BY each.number) AS place
        FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes::text[])
            WITH ORDINALITY AS each (name, type, mode, number)
        WHERE each.type IS NOT NULL AND coalesce(each.mode, 'i') IN ('i', 'b', 'v')
    ) AS x
) AS arguments ON true
WHERE p.prokind = 'f'
    AND p.prorettype <> 'trigger'::regtype
    AND n.nspname = $1
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
    AND (NOT $2 OR has_function_privilege(p.oid, 'EXECUTE'))
ORDER BY p.proname, p.pronargs, d.comment NULLS FIRST, names
