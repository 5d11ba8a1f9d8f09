CREATE TABLE services (id int PRIMARY KEY, title text);
CREATE TABLE old_services (id int, title text);
CREATE RULE keep AS ON DELETE TO services DO ALSO INSERT INTO old_services SELECT OLD.id, OLD.title;
