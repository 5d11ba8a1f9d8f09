CREATE TYPE address AS (street text, city text);
CREATE TABLE clients (id int PRIMARY KEY, home address);
