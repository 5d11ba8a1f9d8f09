CREATE TABLE payments (id int PRIMARY KEY, net numeric NOT NULL, gross numeric DEFAULT 1.2);
