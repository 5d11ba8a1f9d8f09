CREATE TABLE clients (id bigint PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE PUBLICATION p FOR TABLE clients (id, phone) WHERE (phone > 'a');
