CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE SCHEMA reports;
ALTER DEFAULT PRIVILEGES FOR ROLE corpus_owner IN SCHEMA reports GRANT USAGE ON SEQUENCES TO corpus_writer;
