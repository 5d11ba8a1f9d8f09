CREATE TABLE clients (
    id int PRIMARY KEY,
    old_code int,
    name text NOT NULL,
    phone varchar(20)
);
ALTER TABLE clients DROP COLUMN old_code;
