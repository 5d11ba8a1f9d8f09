-- Statements about the session alone.

BEGIN;
START TRANSACTION ISOLATION LEVEL REPEATABLE READ;
COMMIT;
ROLLBACK TO SAVEPOINT one;
SAVEPOINT one;
SET search_path TO public;
SHOW server_version;
DISCARD ALL;
DEALLOCATE ALL;
LISTEN channel;
FETCH 100 FROM cursor;
SELECT pg_catalog.set_config('timezone', 'UTC', false);
SELECT 1;
SELECT pg_advisory_xact_lock($1);
