CREATE TABLE staff (id int PRIMARY KEY, last_name text, first_name text);
