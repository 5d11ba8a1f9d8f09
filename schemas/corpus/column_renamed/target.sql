CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    mobile varchar(20)
);
