CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE INDEX a ON clients(name);
CREATE INDEX b ON clients(phone);
CREATE INDEX c ON clients(name, phone);
