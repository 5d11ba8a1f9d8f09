CREATE TABLE payments (id int PRIMARY KEY, amount numeric NOT NULL, kind text);
ALTER TABLE payments ADD CONSTRAINT payments_amount CHECK (amount > 0) NOT VALID;
