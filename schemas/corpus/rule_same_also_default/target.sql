CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE service_log (id int, title text);
CREATE RULE log AS ON INSERT TO services DO ALSO INSERT INTO service_log VALUES (NEW.id, NEW.title);
