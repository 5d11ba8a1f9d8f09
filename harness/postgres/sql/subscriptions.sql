-- What everybody may read of a subscription; subscriptions_whole.sql reads all of it.
SELECT 0::bigint AS oid, s.subname::text AS name, s.subenabled AS enabled, s.subslotname::text AS slot_name,
       s.subpublications AS publication, pg_catalog.pg_get_userbyid(s.subowner)::text AS owner
FROM pg_catalog.pg_subscription s
JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
WHERE d.datname = pg_catalog.current_database()
ORDER BY s.subname
