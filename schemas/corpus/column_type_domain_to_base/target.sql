CREATE DOMAIN money_amount AS numeric(8,2) CHECK (VALUE >= 0);
CREATE TABLE payments (id int PRIMARY KEY, amount numeric(8,2) NOT NULL);
