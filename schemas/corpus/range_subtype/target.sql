CREATE TYPE price_span AS RANGE (SUBTYPE = float8);
CREATE TABLE services (id int PRIMARY KEY, price price_span);
