CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, price numeric(8,2) NOT NULL);
CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    phone varchar(20)
);
CREATE VIEW active_clients AS SELECT id, name FROM clients WHERE phone IS NOT NULL;
CREATE VIEW active_names AS SELECT name FROM active_clients;
CREATE FUNCTION client_count() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM public.active_names';
