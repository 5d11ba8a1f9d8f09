CREATE SCHEMA salon;
CREATE TABLE salon.visits (id int PRIMARY KEY, note text);
CREATE FUNCTION salon.tidy(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
SET search_path TO salon;
CREATE INDEX Visits_Idx ON Visits (tidy(note));
RESET search_path;
