CREATE TYPE price_span AS RANGE (SUBTYPE = text);
CREATE TABLE services (id int PRIMARY KEY, price price_span);
