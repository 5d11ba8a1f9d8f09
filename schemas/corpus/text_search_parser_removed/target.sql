CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, description text);
