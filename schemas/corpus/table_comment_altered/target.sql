CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    phone varchar(20)
);
COMMENT ON TABLE clients IS 'кто приходит';
