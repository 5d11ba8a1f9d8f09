CREATE TABLE tickets (id int, number bigint);
