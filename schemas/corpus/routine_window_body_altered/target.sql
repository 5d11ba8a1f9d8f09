CREATE FUNCTION place() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE STRICT AS 'window_dense_rank';
