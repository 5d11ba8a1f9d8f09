CREATE DOMAIN email AS varchar(40) CONSTRAINT email_kind CHECK ((VALUE)::text = ANY ((ARRAY['work'::character varying, 'home'::character varying])::text[]));
CREATE TABLE clients (id int PRIMARY KEY, mail email);
