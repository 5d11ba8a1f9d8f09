CREATE TABLE payments (id int, amount numeric, CONSTRAINT payments_amount CHECK (amount > 0));
CREATE TABLE payments_archive (CONSTRAINT payments_amount CHECK (amount > 0)) INHERITS (payments);
