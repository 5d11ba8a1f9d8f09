CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE service_log (id int, title text);
CREATE RULE soft_delete AS ON DELETE TO services DO INSTEAD UPDATE services SET active = false WHERE id = OLD.id;
