CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
GRANT SELECT ON clients TO corpus_reader;
