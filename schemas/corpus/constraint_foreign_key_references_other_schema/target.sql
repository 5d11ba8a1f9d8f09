CREATE SCHEMA crm;
CREATE SCHEMA archive;
CREATE TABLE crm.clients (id int PRIMARY KEY);
CREATE TABLE archive.clients (id int PRIMARY KEY);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int CONSTRAINT bookings_client REFERENCES archive.clients);
