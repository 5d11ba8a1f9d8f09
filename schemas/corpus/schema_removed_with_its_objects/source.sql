CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    phone varchar(20)
);
CREATE SCHEMA archive;
CREATE TABLE archive.clients (id int PRIMARY KEY);
CREATE VIEW public.old_clients AS SELECT id FROM archive.clients;
