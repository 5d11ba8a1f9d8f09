CREATE TABLE payments (id int PRIMARY KEY, net numeric(12,2) NOT NULL, gross numeric GENERATED ALWAYS AS (net * 1.2) STORED);
