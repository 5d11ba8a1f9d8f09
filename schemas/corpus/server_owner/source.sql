CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL);
CREATE FOREIGN DATA WRAPPER partner_wrapper;
GRANT USAGE ON FOREIGN DATA WRAPPER partner_wrapper TO corpus_owner;
CREATE SERVER partner_server FOREIGN DATA WRAPPER partner_wrapper;
ALTER SERVER partner_server OWNER TO corpus_owner;
