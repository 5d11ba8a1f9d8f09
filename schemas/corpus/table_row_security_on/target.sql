CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    phone varchar(20)
);
ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
