-- `older` stands in for pubgencols (18) and for the columns and filters of tables (15). The catalog of published schemas
-- exists since 15; what it says stands in pg_depend as well.
WITH tables AS (
    SELECT r.prpubid,
           pg_catalog.json_agg(pg_catalog.json_build_array(
               n.nspname, c.relname,
               (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.columns::int2[])),
               pg_catalog.pg_get_expr(r.condition, r.prrelid)
           ) ORDER BY n.nspname, c.relname) AS members
    FROM (SELECT NULL::int2vector AS prattrs, NULL::pg_node_tree AS prqual) AS older
    CROSS JOIN LATERAL (
        SELECT prpubid, prrelid, prattrs AS columns, prqual AS condition
        FROM pg_catalog.pg_publication_rel
    ) AS r
    JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    GROUP BY r.prpubid
), schemas AS (
    SELECT p.refobjid AS publication, pg_catalog.array_agg(n.nspname::text ORDER BY n.nspname) AS names
    FROM pg_catalog.pg_depend p
    JOIN pg_catalog.pg_depend s ON s.classid = p.classid AND s.objid = p.objid
    JOIN pg_catalog.pg_namespace n ON n.oid = s.refobjid
    WHERE p.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')
      AND p.refclassid = 'pg_catalog.pg_publication'::regclass
      AND s.refclassid = 'pg_catalog.pg_namespace'::regclass
    GROUP BY p.refobjid
)
SELECT p.oid::bigint AS oid, p.pubname::text AS name, p.puballtables AS all_tables,
       tables.members, schemas.names AS schemas,
       pg_catalog.array_remove(ARRAY[
           CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END
       ], NULL) AS publish,
       p.pubviaroot AS publish_via_partition_root,
       CASE p.generated WHEN 's' THEN 'stored' ELSE 'none' END AS publish_generated_columns,
       pg_catalog.pg_get_userbyid(p.pubowner)::text AS owner, d.description AS comment
FROM (SELECT 'n'::"char" AS pubgencols) AS older
CROSS JOIN LATERAL (
    SELECT oid, pubname, pubowner, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot,
           pubgencols AS generated
    FROM pg_catalog.pg_publication
) AS p
LEFT JOIN tables ON tables.prpubid = p.oid
LEFT JOIN schemas ON schemas.publication = p.oid
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = p.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_publication'::regclass
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_publication'::regclass AND e.objid = p.oid AND e.deptype = 'e'
)
ORDER BY p.pubname
