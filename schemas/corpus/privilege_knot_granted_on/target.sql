CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
GRANT SELECT ON clients TO corpus_writer WITH GRANT OPTION;SET ROLE corpus_writer;
GRANT SELECT ON clients TO corpus_reader;RESET ROLE;
