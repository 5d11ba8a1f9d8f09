CREATE TABLE people (id int, name text);
CREATE TABLE staff (skill text) INHERITS (people);
