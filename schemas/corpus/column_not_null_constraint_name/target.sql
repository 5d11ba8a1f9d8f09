CREATE TABLE clients (id int PRIMARY KEY, phone text CONSTRAINT phone_is_there NOT NULL);
