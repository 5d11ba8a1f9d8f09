CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
ALTER TABLE clients ADD CONSTRAINT a UNIQUE (name) WITH (fillfactor=60), ADD CONSTRAINT b UNIQUE (phone);
