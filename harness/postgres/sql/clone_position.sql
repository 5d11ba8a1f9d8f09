-- The next transaction id, and whether no transaction of the server has an id and is not over.
-- A snapshot names those that began before the last one that is over (xmin < xmax); of the later ones it knows nothing,
-- but then the id that comes next, from which age() counts, is a greater one. Both are the lower 32 bits of an id.
SELECT pg_catalog.pg_snapshot_xmax(now.snapshot)::text,
       pg_catalog.pg_snapshot_xmin(now.snapshot) = pg_catalog.pg_snapshot_xmax(now.snapshot)
       AND (pg_catalog.pg_snapshot_xmax(now.snapshot)::text::bigint - 3 - pg_catalog.age('3'::xid)) & 4294967295 = 0
  FROM (SELECT pg_catalog.pg_current_snapshot() AS snapshot) AS now
