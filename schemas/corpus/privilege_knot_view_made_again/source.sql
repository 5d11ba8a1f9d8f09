CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
CREATE VIEW v AS SELECT id, phone FROM clients;
GRANT SELECT ON v TO corpus_reader;
GRANT SELECT (id) ON v TO corpus_writer;
