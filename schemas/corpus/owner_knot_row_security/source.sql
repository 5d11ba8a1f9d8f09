CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON clients USING (name = current_user);
GRANT ALL ON clients TO corpus_writer;
ALTER TABLE clients OWNER TO corpus_owner;
GRANT ALL ON clients TO corpus_writer;
