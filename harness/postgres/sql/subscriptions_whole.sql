-- For superusers. `older` stands in for what a version lacks: subbinary, substream (14), subtwophasestate,
-- subdisableonerr (15), subpasswordrequired, subrunasowner, suborigin (16), subfailover (17).
SELECT s.oid::bigint AS oid, s.subname::text AS name, s.subenabled AS enabled, s.subslotname::text AS slot_name,
       s.subpublications AS publication, s.subconninfo AS connection, s.subsynccommit AS synchronous_commit,
       s.binary, CASE pg_catalog.left(s.streaming, 1) WHEN 't' THEN 'true' WHEN 'p' THEN 'parallel' ELSE 'false' END
           AS streaming,
       CASE s.two_phase WHEN 'd' THEN 'false' ELSE 'true' END AS two_phase,
       s.disable_on_error, s.password_required, s.run_as_owner, s.failover, s.origin,
       pg_catalog.pg_get_userbyid(s.subowner)::text AS owner, c.description AS comment
FROM (
    SELECT 'false' AS subbinary, 'f' AS substream, 'd' AS subtwophasestate, 'false' AS subdisableonerr,
           'true' AS subpasswordrequired, 'true' AS subrunasowner, 'any' AS suborigin, 'false' AS subfailover
) AS older
CROSS JOIN LATERAL (
    SELECT oid, subname, subdbid, subowner, subenabled, subslotname, subpublications, subconninfo, subsynccommit,
           subbinary::text AS binary, substream::text AS streaming, subtwophasestate::text AS two_phase,
           subdisableonerr::text AS disable_on_error, subpasswordrequired::text AS password_required,
           subrunasowner::text AS run_as_owner, suborigin::text AS origin, subfailover::text AS failover
    FROM pg_catalog.pg_subscription
) AS s
JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
LEFT JOIN pg_catalog.pg_description c
    ON c.objoid = s.oid AND c.objsubid = 0 AND c.classoid = 'pg_catalog.pg_subscription'::regclass
WHERE d.datname = pg_catalog.current_database()
ORDER BY s.subname
