CREATE FUNCTION slots(a bigint, b bigint) RETURNS SETOF bigint LANGUAGE internal IMMUTABLE STRICT AS 'generate_series_int8';
