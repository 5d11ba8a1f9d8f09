CREATE TABLE clients (id int PRIMARY KEY, name text, phone text);
ALTER TABLE clients ADD CONSTRAINT cp UNIQUE (phone);
CREATE TABLE b (p text REFERENCES clients (phone));
