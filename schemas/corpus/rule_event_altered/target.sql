CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE service_log (id int, title text);
CREATE RULE soft_delete AS ON UPDATE TO services DO ALSO INSERT INTO service_log VALUES (OLD.id, OLD.title);
