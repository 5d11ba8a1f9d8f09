CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE SCHEMA reports;
ALTER DEFAULT PRIVILEGES FOR ROLE corpus_writer GRANT SELECT ON TABLES TO corpus_reader;
