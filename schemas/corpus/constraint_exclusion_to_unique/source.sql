CREATE TABLE cards (id int PRIMARY KEY, code text, CONSTRAINT cards_code UNIQUE (code));
