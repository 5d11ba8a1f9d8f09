CREATE TYPE price_span AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = text_pattern_ops, COLLATION = "C");
CREATE TABLE services (id int PRIMARY KEY, price price_span);
