-- Databases that have the name of a clone, by the run that made them: the run's token, the name, whether its mark is
-- there, whether this role may drop it, whether somebody is connected to it, whether the run that made it still lives.
SELECT pg_catalog.substr(d.datname, 16, 12),
       d.datname::text,
       coalesce(pg_catalog.shobj_description(d.oid, 'pg_database') = %(mark)s, false),
       pg_catalog.pg_has_role(d.datdba, 'USAGE'),
       EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid AND a.usesysid IS NOT NULL),
       EXISTS (
           SELECT FROM pg_catalog.pg_locks l
           WHERE l.locktype = 'advisory' AND l.classid = %(lock)s::oid AND l.objsubid = 2
             AND l.objid = (('x' || pg_catalog.substr(d.datname, 16, 7))::bit(28)::int)::oid)
FROM pg_catalog.pg_database d
WHERE d.datname ~ '^pgparity_clone_[0-9a-f]{12}(_template|_spare|_used|_before)?$'
ORDER BY 1, 2
