-- An object is written to: until its line says otherwise, not all of it is there.
INSERT INTO pgparity.large_object (origin, oid, snapshot)
SELECT %(origin)s, wanted.oid, %(snapshot)s FROM unnest(%(oids)s::pg_catalog.oid[]) AS wanted (oid)
ON CONFLICT (origin, oid) DO UPDATE
SET bytes = NULL, digest = NULL, snapshot = excluded.snapshot, moved_at = pg_catalog.clock_timestamp()
