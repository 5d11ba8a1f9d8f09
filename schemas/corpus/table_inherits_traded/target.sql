CREATE TABLE a (id int NOT NULL, x text, CONSTRAINT ck CHECK (id > 0));
CREATE TABLE b (y int) INHERITS (a);
CREATE TABLE c (id int NOT NULL, x text, CONSTRAINT ck CHECK (id > 0), y int);
