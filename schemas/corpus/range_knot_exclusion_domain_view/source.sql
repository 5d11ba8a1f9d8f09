CREATE TYPE price_span AS RANGE (SUBTYPE = int4);
CREATE DOMAIN booked AS price_span CHECK (NOT isempty(VALUE));
CREATE TABLE services (id int PRIMARY KEY, price price_span, wide booked, EXCLUDE USING gist (price WITH &&));
CREATE VIEW cheap AS SELECT id, lower(price) AS least FROM services WHERE price && price_span(0, 10);
CREATE FUNCTION spread(p price_span) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(p)::text || '-' || upper(p)::text $$;
