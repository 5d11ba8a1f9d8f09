CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20), branch int, CONSTRAINT clients_phone_key UNIQUE (phone));
