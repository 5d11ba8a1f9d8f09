CREATE TABLE staff (id int PRIMARY KEY, email text, badge text, CONSTRAINT staff_first UNIQUE (email), CONSTRAINT staff_second UNIQUE (badge));
