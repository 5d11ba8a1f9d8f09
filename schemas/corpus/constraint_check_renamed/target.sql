CREATE TABLE payments (id int PRIMARY KEY, amount numeric NOT NULL, kind text, CONSTRAINT "Betrag über null" CHECK (amount > 0));
