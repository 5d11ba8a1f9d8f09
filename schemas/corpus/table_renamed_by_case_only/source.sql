CREATE TABLE "Payments" (id int, amount numeric);
