CREATE TABLE cards (id int PRIMARY KEY, code text, CONSTRAINT cards_code EXCLUDE USING btree (code WITH =));
