CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20));
ALTER TABLE clients OWNER TO corpus_reader;
