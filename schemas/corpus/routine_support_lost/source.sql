CREATE FUNCTION slots(a bigint, b bigint) RETURNS SETOF bigint LANGUAGE internal IMMUTABLE STRICT SUPPORT pg_catalog.generate_series_int8_support AS 'generate_series_int8';
