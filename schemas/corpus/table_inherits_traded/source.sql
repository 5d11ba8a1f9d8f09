CREATE TABLE a (id int NOT NULL, x text, CONSTRAINT ck CHECK (id > 0));
CREATE TABLE b (id int NOT NULL, x text, CONSTRAINT ck CHECK (id > 0), y int);
CREATE TABLE c (y int) INHERITS (a);
CREATE INDEX ON c (y);
