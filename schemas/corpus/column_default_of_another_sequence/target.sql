CREATE SEQUENCE slips;
CREATE SEQUENCE slips_old;
CREATE TABLE payments (id bigint PRIMARY KEY DEFAULT nextval('slips_old'));
