-- The types of tokens are what the parser itself says; each parser in use is asked once.
WITH tokens AS (
    SELECT p.oid AS parser, t.tokid, t.alias
    FROM pg_catalog.pg_ts_parser p
    CROSS JOIN LATERAL pg_catalog.ts_token_type(p.oid) AS t
    WHERE p.oid IN (
        SELECT c.cfgparser
        FROM pg_catalog.pg_ts_config c JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
        WHERE c.oid >= 16384 AND n.nspname = ANY (%(schemas)s)
    )
), mappings AS (
    SELECT m.mapcfg, t.alias,
           pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, d.dictname) ORDER BY m.mapseqno) AS dictionaries
    FROM pg_catalog.pg_ts_config_map m
    JOIN pg_catalog.pg_ts_config c ON c.oid = m.mapcfg
    JOIN tokens t ON t.parser = c.cfgparser AND t.tokid = m.maptokentype
    JOIN pg_catalog.pg_ts_dict d ON d.oid = m.mapdict
    JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
    WHERE m.mapcfg >= 16384
    GROUP BY m.mapcfg, t.alias
)
SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.cfgname::text AS name,
       ARRAY[pn.nspname::text, p.prsname::text] AS parser,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(m.alias, m.dictionaries) ORDER BY m.alias COLLATE "C")
        FROM mappings m WHERE m.mapcfg = c.oid) AS mapping,
       pg_catalog.pg_get_userbyid(c.cfgowner)::text AS owner, d.description AS comment
FROM pg_catalog.pg_ts_config c
JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_catalog.pg_ts_config'::regclass
WHERE c.oid >= 16384 AND n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_ts_config'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.cfgname
