CREATE SCHEMA salon;
CREATE TABLE salon.clients (id int PRIMARY KEY, "Name" text);
SET search_path = salon, public;
CREATE VIEW people AS SELECT id, "Name" FROM clients;
RESET search_path;
