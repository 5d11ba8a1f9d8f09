-- Names of types by OID and modifier, the same whatever the search path is.
SELECT asked.oid,
       asked.modifier,
       CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
           THEN pg_catalog.format_type(t.oid, asked.modifier)
           ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname)
       END
FROM ROWS FROM (
    pg_catalog.unnest(%(oids)s::pg_catalog.oid[]), pg_catalog.unnest(%(modifiers)s::pg_catalog.int4[])
) AS asked (oid, modifier)
JOIN pg_catalog.pg_type t ON t.oid = asked.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
