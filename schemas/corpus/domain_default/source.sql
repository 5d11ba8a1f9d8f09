CREATE DOMAIN email AS text DEFAULT 'none@salon.example';
CREATE TABLE clients (id int PRIMARY KEY, mail email);
