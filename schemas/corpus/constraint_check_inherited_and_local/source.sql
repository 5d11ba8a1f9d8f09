CREATE TABLE payments (id int, amount numeric, CONSTRAINT payments_amount CHECK (amount > 0));
CREATE TABLE payments_archive () INHERITS (payments);
