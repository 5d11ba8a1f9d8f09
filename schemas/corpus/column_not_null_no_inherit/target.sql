CREATE TABLE clients (id int PRIMARY KEY, phone text NOT NULL NO INHERIT);
