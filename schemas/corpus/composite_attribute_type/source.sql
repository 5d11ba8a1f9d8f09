CREATE TYPE address AS (street text, house int8);
CREATE TABLE clients (id int PRIMARY KEY, home address);
