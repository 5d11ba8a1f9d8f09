CREATE TABLE clients (id int PRIMARY KEY, name text, phone text);
CREATE UNIQUE INDEX cp ON clients (phone);
CREATE TABLE b (p text REFERENCES clients (phone));
