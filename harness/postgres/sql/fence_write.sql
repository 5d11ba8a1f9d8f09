INSERT INTO pgparity.fence (cutover, schema_made, here, asked, taken, by_hand)
SELECT %(cutover)s, %(made)s, d.oid, %(asked)s, %(taken)s, %(by_hand)s
FROM pg_catalog.pg_database AS d
WHERE d.datname = pg_catalog.current_database()
ON CONFLICT (only_one) DO UPDATE
SET asked = excluded.asked, taken = excluded.taken, by_hand = excluded.by_hand
