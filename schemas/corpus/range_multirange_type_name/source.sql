CREATE TYPE price_span AS RANGE (SUBTYPE = numeric, MULTIRANGE_TYPE_NAME = price_spans);
CREATE TABLE services (id int PRIMARY KEY, price price_span);
