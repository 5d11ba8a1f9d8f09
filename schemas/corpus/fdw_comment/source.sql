CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL);
CREATE FOREIGN DATA WRAPPER partner_wrapper;
COMMENT ON FOREIGN DATA WRAPPER partner_wrapper IS 'prices of partners';
