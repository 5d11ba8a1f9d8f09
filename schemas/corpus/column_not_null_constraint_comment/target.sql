CREATE TABLE clients (id int PRIMARY KEY, phone text CONSTRAINT phone_needed NOT NULL);
