CREATE TYPE address AS (city text, street text);
CREATE TABLE clients (id int PRIMARY KEY, home address);
