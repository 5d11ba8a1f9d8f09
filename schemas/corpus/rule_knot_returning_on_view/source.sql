CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE service_log (id int, title text);
CREATE VIEW catalogue AS SELECT id, title || '' AS name FROM services WHERE active;
CREATE RULE put AS ON INSERT TO catalogue DO INSTEAD INSERT INTO services (id, title) VALUES (NEW.id, NEW.name) RETURNING id, title;
