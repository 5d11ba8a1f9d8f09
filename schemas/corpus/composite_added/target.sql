CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE TYPE "Адрес" AS (street text, city text);
