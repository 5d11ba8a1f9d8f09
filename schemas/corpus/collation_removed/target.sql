CREATE TABLE staff (id int PRIMARY KEY, name text NOT NULL);
