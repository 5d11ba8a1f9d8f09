-- The valid unique and exclusion indexes of a table, deparsed: a partitioned table's own ones, not those of its leaves.
-- indnullsnotdistinct came with PostgreSQL 15, which to_jsonb asks for without naming it.
SELECT i.indexrelid::text,
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, place, false)
             FROM pg_catalog.generate_series(1, i.indnkeyatts::int) AS p (place) ORDER BY place),
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       COALESCE(ARRAY(SELECT pg_catalog.format('OPERATOR(%%I.%%s)', n.nspname, o.oprname)
                      FROM pg_catalog.unnest(x.conexclop) WITH ORDINALITY AS e (number, place)
                      JOIN pg_catalog.pg_operator AS o ON o.oid = e.number
                      JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace ORDER BY e.place), '{}'),
       COALESCE((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
       ARRAY(SELECT DISTINCT a.attname::text
             FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = i.indrelid AND (a.attnum = ANY (i.indkey::smallint[]) OR EXISTS (
                 SELECT FROM pg_catalog.pg_depend AS d
                 WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = i.indrelid
                   AND d.refobjsubid = a.attnum)))
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS s ON s.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint AS x ON x.conindid = i.indexrelid AND x.contype = 'x'
WHERE s.nspname = %s AND c.relname = %s AND i.indisvalid AND (i.indisunique OR i.indisexclusion)
ORDER BY i.indexrelid
