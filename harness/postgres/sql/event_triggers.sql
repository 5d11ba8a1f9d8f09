SELECT t.oid::bigint AS oid, t.evtname::text AS name, t.evtevent::text AS event,
       ARRAY(SELECT tag.text FROM pg_catalog.unnest(t.evttags) AS tag (text) ORDER BY tag.text COLLATE "C") AS tags,
       t.evttags AS written_tags,
       ARRAY[n.nspname::text, p.proname::text] AS function,
       CASE t.evtenabled WHEN 'O' THEN 'origin' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' ELSE 'disabled' END
           AS enabled,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(t.evtowner)::text AS owner
FROM pg_catalog.pg_event_trigger t
JOIN pg_catalog.pg_proc p ON p.oid = t.evtfoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_event_trigger'::regclass
WHERE NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_event_trigger'::regclass AND e.objid = t.oid AND e.deptype = 'e'
  )
ORDER BY t.evtname
