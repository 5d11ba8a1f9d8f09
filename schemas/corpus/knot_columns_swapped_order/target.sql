CREATE TABLE shifts (id int PRIMARY KEY, ends time NOT NULL, begins time NOT NULL, CHECK (begins < ends));
