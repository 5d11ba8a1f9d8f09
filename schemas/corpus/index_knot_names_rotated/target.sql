CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE INDEX b ON clients(name);
CREATE INDEX c ON clients(phone);
CREATE INDEX a ON clients(name, phone);
