CREATE TABLE payments (id int PRIMARY KEY, net numeric NOT NULL, gross numeric);
