CREATE SEQUENCE clients_id_seq AS integer;
CREATE TABLE clients (id integer NOT NULL DEFAULT nextval('clients_id_seq'::regclass), name text, PRIMARY KEY (id));
ALTER SEQUENCE clients_id_seq OWNED BY clients.id;
