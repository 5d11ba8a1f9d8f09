CREATE TABLE clients (id int PRIMARY KEY, photo oid);
SELECT lo_from_bytea(7000001, '\xcafe');
ALTER LARGE OBJECT 7000001 OWNER TO corpus_owner;
