CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    phone varchar(20)
);
CREATE UNLOGGED TABLE visits (id int PRIMARY KEY, client_id int NOT NULL, at timestamptz NOT NULL);
