CREATE TYPE address AS (street text, gone int);
ALTER TYPE address DROP ATTRIBUTE gone;
ALTER TYPE address ADD ATTRIBUTE city text;
ALTER TYPE address ALTER ATTRIBUTE street TYPE character varying(80);
