CREATE TABLE clients (id int, name text, CONSTRAINT clients_pk PRIMARY KEY (id));
CREATE TABLE visits (client int NOT NULL);
CREATE VIEW counts AS SELECT c.id, c.name, count(v.client) AS visits FROM clients c LEFT JOIN visits v ON v.client = c.id GROUP BY c.id;
