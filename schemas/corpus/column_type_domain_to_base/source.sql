CREATE DOMAIN money_amount AS numeric(8,2) CHECK (VALUE >= 0);
CREATE TABLE payments (id int PRIMARY KEY, amount money_amount NOT NULL);
