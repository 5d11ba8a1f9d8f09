CREATE TYPE price_span AS RANGE (SUBTYPE = text, COLLATION = "C");
CREATE TABLE services (id int PRIMARY KEY, price price_span);
