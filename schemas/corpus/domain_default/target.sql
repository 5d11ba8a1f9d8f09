CREATE DOMAIN email AS text DEFAULT 'unknown@salon.example';
CREATE TABLE clients (id int PRIMARY KEY, mail email);
