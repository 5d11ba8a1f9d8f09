CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone text);
CREATE TABLE payments (id int PRIMARY KEY, client_id int NOT NULL REFERENCES clients, amount numeric(10,2) NOT NULL, status text NOT NULL);
CREATE PUBLICATION salon_changes FOR TABLE clients, payments;
