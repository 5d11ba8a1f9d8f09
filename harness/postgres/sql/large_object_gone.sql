-- Which of these numbers no large object has.
SELECT wanted.oid
FROM unnest(%(oids)s::pg_catalog.oid[]) AS wanted (oid)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata m WHERE m.oid = wanted.oid)
