CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW base AS SELECT id, name FROM clients WHERE tenant > 0;
CREATE FUNCTION how_many() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM public.base $$;
CREATE VIEW top AS SELECT id, how_many() AS of FROM base;
