CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE taxed (tax_number text);
CREATE TABLE staff (skill text) INHERITS (people);
