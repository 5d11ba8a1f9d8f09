CREATE TABLE payments (id bigint, amount numeric, PRIMARY KEY (id) WITH (fillfactor = 70));
