CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, city varchar(30), tenant int NOT NULL DEFAULT 1);
ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON clients TO corpus_reader USING (tenant = 1);
GRANT SELECT ON clients TO corpus_reader;
CREATE VIEW locals WITH (security_invoker = true) AS SELECT id, name FROM clients WHERE city = 'Graz';
GRANT SELECT ON locals TO corpus_reader;
