CREATE TABLE clients (
    id int PRIMARY KEY,
    name text NOT NULL,
    phone varchar(20),
    owner_name name
);
CREATE INDEX clients_owner ON clients (owner_name);
ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON clients USING (owner_name = current_user);
CREATE VIEW owners AS SELECT DISTINCT owner_name FROM clients;
