CREATE TYPE address AS (street text, city text);
COMMENT ON COLUMN address.city IS 'without the canton';
