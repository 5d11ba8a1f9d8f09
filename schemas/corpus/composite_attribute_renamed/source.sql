CREATE TYPE address AS (street text, town text);
CREATE TABLE clients (id int PRIMARY KEY, home address);
