CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, detail numeric(10,2));
