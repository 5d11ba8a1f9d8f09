CREATE TYPE address AS (street text, house int2);
CREATE TABLE clients (id int PRIMARY KEY, home address);
