CREATE TABLE vouchers (code text NOT NULL, amount numeric NOT NULL, PRIMARY KEY (code));
