CREATE TYPE price_span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE TABLE services (id int PRIMARY KEY, price price_span);
CREATE INDEX services_price ON services USING gist (price);
