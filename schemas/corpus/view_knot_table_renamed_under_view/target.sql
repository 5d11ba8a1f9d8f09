CREATE TABLE customers (id int PRIMARY KEY, name text);
CREATE VIEW people AS SELECT id, name FROM customers;
