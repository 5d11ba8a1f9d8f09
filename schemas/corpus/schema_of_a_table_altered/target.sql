CREATE SCHEMA crm;
CREATE TABLE public.clients (id int PRIMARY KEY, name text);
