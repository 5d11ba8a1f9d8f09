CREATE TABLE clients (id int PRIMARY KEY, name text, phone text);
CREATE POLICY a ON clients USING (id > 1);
CREATE POLICY b ON clients FOR SELECT TO corpus_reader USING (id > 2);
