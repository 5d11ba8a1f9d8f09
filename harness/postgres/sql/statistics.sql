-- `older` stands in for stxexprs (PostgreSQL 14). A target that is not set is -1 before PostgreSQL 17. The kind 'e' only
-- says that there are expressions.
SELECT s.oid::bigint AS oid, n.nspname::text AS schema, s.stxname::text AS name,
       ARRAY[tn.nspname::text, t.relname::text] AS on_table,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C")
        FROM pg_catalog.unnest(s.stxkeys::int2[]) AS k (attnum)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = s.stxrelid AND a.attnum = k.attnum) AS columns,
       pg_catalog.pg_get_expr(s.exprs, s.stxrelid) AS expressions,
       (SELECT pg_catalog.array_agg(known.name ORDER BY known.n)
        FROM (VALUES (1, 'd', 'ndistinct'), (2, 'f', 'dependencies'), (3, 'm', 'mcv')) AS known (n, letter, name)
        WHERE known.letter = ANY (s.stxkind::text[])) AS kinds,
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::int END AS statistics,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(s.stxowner)::text AS owner,
       pg_catalog.pg_get_statisticsobjdef(s.oid) AS definition
FROM (SELECT NULL::pg_node_tree AS stxexprs) AS older
CROSS JOIN LATERAL (
    SELECT oid, stxname, stxnamespace, stxowner, stxrelid, stxkeys, stxkind, stxstattarget, stxexprs AS exprs
    FROM pg_catalog.pg_statistic_ext
) AS s
JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
JOIN pg_catalog.pg_class t ON t.oid = s.stxrelid
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = s.oid AND d.classoid = 'pg_catalog.pg_statistic_ext'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE (e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = t.oid
             OR e.classid = 'pg_catalog.pg_statistic_ext'::regclass AND e.objid = s.oid) AND e.deptype = 'e'
  )
ORDER BY n.nspname, s.stxname
