CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE service_log (id int, title text);
CREATE RULE no_core AS ON DELETE TO services WHERE OLD.id IN (1, 2) DO INSTEAD NOTHING;
