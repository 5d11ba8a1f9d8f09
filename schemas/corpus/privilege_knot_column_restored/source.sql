CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
GRANT SELECT (id) ON clients TO corpus_reader;
