CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, minutes int);
CREATE FUNCTION caption(s services) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT s.title $$;
CREATE VIEW captions AS SELECT s.id, caption(s.*) AS caption FROM services s;
