CREATE TABLE payments (id int NOT NULL, paid_on date NOT NULL, amount numeric NOT NULL, PRIMARY KEY (id, paid_on)) PARTITION BY RANGE (paid_on);
CREATE TABLE payments_all PARTITION OF payments DEFAULT;
CREATE INDEX payments_amount ON payments (amount);
CREATE VIEW large AS SELECT id FROM payments WHERE amount > 100;
