CREATE SCHEMA crm;
CREATE TABLE crm.clients (id int PRIMARY KEY);
