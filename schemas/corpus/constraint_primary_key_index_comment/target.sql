CREATE TABLE payments (id bigint PRIMARY KEY, amount numeric);
