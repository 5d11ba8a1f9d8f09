CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL DEFAULT '?');
CREATE TABLE staff (wage numeric) INHERITS (people);
ALTER TABLE staff ALTER name SET DEFAULT 'staff';
ALTER TABLE staff NO INHERIT people;
CREATE VIEW everybody AS SELECT tableoid::regclass AS kind, id FROM people;
