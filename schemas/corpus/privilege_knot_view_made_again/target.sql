CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone int);
CREATE VIEW v AS SELECT id, phone FROM clients;
GRANT SELECT ON v TO corpus_reader;
GRANT INSERT ON v TO corpus_writer;
