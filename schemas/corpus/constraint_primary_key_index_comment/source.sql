CREATE TABLE payments (id bigint PRIMARY KEY, amount numeric);
COMMENT ON INDEX payments_pkey IS 'grows by one page a day';
