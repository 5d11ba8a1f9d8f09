CREATE TABLE clients (id int PRIMARY KEY, photo oid);
SELECT lo_from_bytea(7000001, '\xcafe');
