CREATE TYPE price_span AS RANGE (SUBTYPE = int4);
CREATE FUNCTION price_span_canonical(price_span) RETURNS price_span LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
