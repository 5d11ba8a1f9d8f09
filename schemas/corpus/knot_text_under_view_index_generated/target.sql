CREATE TABLE clients (id int PRIMARY KEY, phone text NOT NULL, digits text GENERATED ALWAYS AS (regexp_replace(phone, '\D', '', 'g')) STORED);
CREATE INDEX clients_phone ON clients (lower(phone));
CREATE VIEW phones AS SELECT id, phone, digits FROM clients WHERE length(phone) > 3;
