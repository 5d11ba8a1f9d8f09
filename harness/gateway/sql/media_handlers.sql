-- Handlers of media types: domains named like one, which an aggregate over rows or a function returns. Each with what
-- it is called as, what it is for, and the function that writes its value as bytes.
-- $1: schema names
WITH RECURSIVE media_types AS (
    SELECT
        t.oid,
        t.typbasetype AS below,
        n.nspname AS schema,
        t.typname AS name,
        lower(t.typname) AS media_type,
        CASE t.typname WHEN '*/*' THEN 'application/octet-stream' ELSE t.typname END AS content_type
    FROM pg_type AS t
    JOIN pg_namespace AS n ON n.oid = t.typnamespace
    WHERE t.typtype = 'd' AND (t.typname ~ '^[A-Za-z0-9.-]+/[A-Za-z0-9.+-]+$' OR t.typname = '*/*')
    UNION
    SELECT m.oid, t.typbasetype, m.schema, m.name, m.media_type, m.content_type
    FROM media_types AS m
    JOIN pg_type AS t ON t.oid = m.below AND t.typtype = 'd'
),
written AS (
    SELECT m.*, sn.nspname AS send_schema, s.proname AS send_name
    FROM media_types AS m
    JOIN pg_type AS u ON u.oid = m.below AND u.typtype <> 'd'
    JOIN pg_proc AS s ON s.oid = u.typsend
    JOIN pg_namespace AS sn ON sn.oid = s.pronamespace
)
SELECT
    n.nspname,
    p.proname,
    CASE WHEN t.typname <> 'anyelement' THEN tn.nspname END,
    CASE WHEN t.typname <> 'anyelement' THEN t.typname END,
    w.media_type,
    w.content_type,
    w.send_schema,
    w.send_name
FROM written AS w
JOIN pg_proc AS p ON p.prorettype = w.oid AND p.prokind = 'a' AND p.pronargs = 1
JOIN pg_namespace AS n ON n.oid = p.pronamespace AND n.nspname = ANY ($1)
JOIN pg_type AS t ON t.oid = p.proargtypes[0]
JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
LEFT JOIN pg_class AS c ON c.reltype = t.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') OR t.oid = 'anyelement'::regtype
UNION
SELECT
    w.schema,
    w.name,
    n.nspname,
    p.proname,
    w.media_type,
    w.content_type,
    w.send_schema,
    w.send_name
FROM written AS w
JOIN pg_proc AS p ON p.prorettype = w.oid AND p.prokind = 'f' AND NOT p.proretset
JOIN pg_namespace AS n ON n.oid = p.pronamespace AND n.nspname = ANY ($1)
ORDER BY 3, 4, 5, 1, 2
