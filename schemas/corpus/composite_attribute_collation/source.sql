CREATE TYPE address AS (street text, city text COLLATE "C");
CREATE TABLE clients (id int PRIMARY KEY, home address);
