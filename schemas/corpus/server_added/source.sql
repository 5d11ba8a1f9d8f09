CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL);
CREATE FOREIGN DATA WRAPPER partner_wrapper;
