CREATE SCHEMA kartei;
CREATE TABLE kartei.clients (id int PRIMARY KEY);
