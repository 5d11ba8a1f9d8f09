CREATE TYPE price_span AS RANGE (SUBTYPE = numeric);
CREATE TABLE services (id int PRIMARY KEY, price price_span);
