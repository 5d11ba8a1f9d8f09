CREATE TABLE payments (id int PRIMARY KEY, amount numeric NOT NULL, kind text, CONSTRAINT payments_kind CHECK (kind IN ('card', 'cash', 'voucher')));
