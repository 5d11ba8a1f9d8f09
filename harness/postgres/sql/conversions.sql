SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.conname::text AS name,
       pg_catalog.pg_encoding_to_char(c.conforencoding)::text AS source_encoding,
       pg_catalog.pg_encoding_to_char(c.contoencoding)::text AS destination_encoding,
       ARRAY[fn.nspname::text, f.proname::text] AS function,
       c.condefault AS default,
       d.description AS comment,
       pg_catalog.pg_get_userbyid(c.conowner)::text AS owner
FROM pg_catalog.pg_conversion c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
JOIN pg_catalog.pg_proc f ON f.oid = c.conproc
JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_conversion'::regclass
WHERE n.nspname = ANY (%(schemas)s)
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_conversion'::regclass AND e.objid = c.oid AND e.deptype = 'e'
  )
ORDER BY n.nspname, c.conname
