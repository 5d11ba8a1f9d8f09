INSERT INTO pgparity.sentinel AS s (cutover, token, schema_made) VALUES (%s, %s, %s)
ON CONFLICT (cutover) DO UPDATE
SET token = excluded.token, schema_made = s.schema_made OR excluded.schema_made, at = excluded.at,
    snapshot = excluded.snapshot, opening = NULL
