-- plpgsql comes with every database.
SELECT a.name::text AS name, a.installed_version::text AS installed, a.default_version::text AS offered
FROM pg_catalog.pg_available_extensions a
WHERE a.name <> 'plpgsql'
UNION
-- Installed, though the server lost its files.
SELECT e.extname::text, e.extversion, NULL
FROM pg_catalog.pg_extension e
WHERE e.extname <> 'plpgsql' AND e.extname NOT IN (SELECT a.name FROM pg_catalog.pg_available_extensions a)
ORDER BY 1
