CREATE TABLE payments (id int PRIMARY KEY, net numeric NOT NULL, gross numeric GENERATED ALWAYS AS (net * 1.25) VIRTUAL);
