CREATE TABLE clients (id int PRIMARY KEY, code varchar(20) NOT NULL);
CREATE INDEX clients_code ON clients (lower(code));
CREATE VIEW coded AS SELECT id, code FROM clients WHERE code <> 'x';
CREATE VIEW recoded AS SELECT id, lower(code) AS low, code FROM coded;
