CREATE SEQUENCE slips MINVALUE -5 START 1;
CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, price numeric(8,2) NOT NULL);
