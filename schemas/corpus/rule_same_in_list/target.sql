CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE service_log (id int, title text);
CREATE RULE "no_core" AS ON DELETE TO public."services" WHERE (old.id = ANY (ARRAY[1, 2]))
  DO INSTEAD NOTHING;
