CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
ALTER TABLE clients OWNER TO corpus_owner;
GRANT ALL ON clients TO corpus_writer;
GRANT SELECT ON clients TO corpus_reader;
