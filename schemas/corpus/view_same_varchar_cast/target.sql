CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
CREATE VIEW locals AS SELECT id FROM clients WHERE (city)::text = ANY ((ARRAY['Graz'::character varying, 'Linz'::character varying])::text[]);
