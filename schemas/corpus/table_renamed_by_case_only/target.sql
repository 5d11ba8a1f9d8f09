CREATE TABLE payments (id int, amount numeric);
