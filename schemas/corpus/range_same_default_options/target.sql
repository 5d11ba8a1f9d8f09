CREATE TYPE price_span AS RANGE (SUBTYPE = pg_catalog.numeric, SUBTYPE_OPCLASS = numeric_ops);
CREATE TABLE services (id int PRIMARY KEY, price price_span);
