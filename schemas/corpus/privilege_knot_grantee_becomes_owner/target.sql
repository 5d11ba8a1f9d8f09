CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
GRANT SELECT, UPDATE ON clients TO corpus_reader WITH GRANT OPTION;
GRANT SELECT (name) ON clients TO corpus_reader;
