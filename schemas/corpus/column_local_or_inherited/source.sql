CREATE TABLE people (id int, name text);
CREATE TABLE staff (name text, skill text) INHERITS (people);
