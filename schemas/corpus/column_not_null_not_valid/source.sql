CREATE TABLE clients (id int PRIMARY KEY, phone text);
ALTER TABLE clients ADD CONSTRAINT phone_needed NOT NULL phone;
