CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL DEFAULT '?');
CREATE TABLE staff (wage numeric) INHERITS (people);
CREATE VIEW everybody AS SELECT tableoid::regclass AS kind, id FROM people;
