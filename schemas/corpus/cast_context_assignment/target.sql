CREATE TYPE price AS (cents bigint, currency text);
CREATE FUNCTION price_number(price) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT ($1).cents / 100.0';
CREATE FUNCTION price_whole(price) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT ($1).cents';
CREATE TABLE services (id int PRIMARY KEY, price price);
CREATE CAST (price AS numeric) WITH FUNCTION price_number(price);
