CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20), branch int);
CREATE UNIQUE INDEX clients_phone_key ON clients (phone);
