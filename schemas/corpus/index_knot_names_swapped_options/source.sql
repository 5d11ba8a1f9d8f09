CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE INDEX a ON clients(name) WITH (fillfactor=70);
CREATE INDEX b ON clients(phone);
