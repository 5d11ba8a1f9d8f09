CREATE SEQUENCE slips;
CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, price numeric(8,2) NOT NULL);
ALTER SEQUENCE slips OWNER TO corpus_owner;
