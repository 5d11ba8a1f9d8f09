CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL);
CREATE FOREIGN DATA WRAPPER partner_wrapper;
CREATE SERVER partner_server FOREIGN DATA WRAPPER partner_wrapper;
CREATE FOREIGN TABLE partner_prices (service_id int NOT NULL, price numeric(8,2)) SERVER partner_server;
