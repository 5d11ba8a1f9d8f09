CREATE SEQUENCE slips;
CREATE TABLE payments (id bigint PRIMARY KEY DEFAULT nextval('slips'), number bigint);
ALTER SEQUENCE slips OWNED BY payments.number;
