CREATE TABLE shifts (id int PRIMARY KEY, begins time NOT NULL, ends time NOT NULL, CHECK (begins < ends));
