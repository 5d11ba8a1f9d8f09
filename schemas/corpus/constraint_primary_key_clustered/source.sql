CREATE TABLE payments (id bigint PRIMARY KEY, amount numeric);
ALTER TABLE payments CLUSTER ON payments_pkey;
