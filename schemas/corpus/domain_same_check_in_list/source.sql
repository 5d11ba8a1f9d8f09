CREATE DOMAIN email AS varchar(40) CONSTRAINT email_kind CHECK (VALUE IN ('work', 'home'));
CREATE TABLE clients (id int PRIMARY KEY, mail email);
