CREATE SCHEMA salon;
CREATE TABLE salon.visits (id int PRIMARY KEY, note text);
CREATE FUNCTION salon.tidy(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
CREATE INDEX "visits_idx" ON salon."visits" (salon.tidy("note"));
