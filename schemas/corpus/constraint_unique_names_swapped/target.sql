CREATE TABLE staff (id int PRIMARY KEY, email text, badge text, CONSTRAINT staff_first UNIQUE (badge), CONSTRAINT staff_second UNIQUE (email));
