CREATE TABLE payments (id int NOT NULL, paid_on date NOT NULL, amount numeric NOT NULL, PRIMARY KEY (id, paid_on));
CREATE INDEX payments_amount ON payments (amount);
CREATE VIEW large AS SELECT id FROM payments WHERE amount > 100;
