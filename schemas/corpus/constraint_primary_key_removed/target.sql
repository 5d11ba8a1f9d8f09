CREATE TABLE services (id int NOT NULL, title text NOT NULL);
