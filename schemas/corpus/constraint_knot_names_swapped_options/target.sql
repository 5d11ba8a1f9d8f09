CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
ALTER TABLE clients ADD CONSTRAINT b UNIQUE (name), ADD CONSTRAINT a UNIQUE (phone) WITH (fillfactor=60);
