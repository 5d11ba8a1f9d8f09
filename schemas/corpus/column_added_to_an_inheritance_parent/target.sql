CREATE TABLE people (id int, name text, born date);
CREATE TABLE staff (skill text) INHERITS (people);
