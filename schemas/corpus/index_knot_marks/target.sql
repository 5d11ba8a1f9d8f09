CREATE TABLE clients (id int PRIMARY KEY, name text, phone text);
CREATE UNIQUE INDEX cp ON clients (phone); ALTER TABLE clients ADD CONSTRAINT cn UNIQUE (name); ALTER TABLE clients CLUSTER ON clients_pkey;
