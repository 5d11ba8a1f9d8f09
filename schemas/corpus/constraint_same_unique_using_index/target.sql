CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone varchar(20), branch int);
CREATE UNIQUE INDEX clients_by_phone ON clients USING btree (phone ASC NULLS LAST);
ALTER TABLE clients ADD CONSTRAINT clients_phone_key UNIQUE USING INDEX clients_by_phone;
