CREATE SCHEMA salon;
CREATE TABLE salon.clients (id int PRIMARY KEY, "Name" text);
CREATE VIEW salon."people" AS SELECT clients."id", clients."Name" FROM salon."clients";
