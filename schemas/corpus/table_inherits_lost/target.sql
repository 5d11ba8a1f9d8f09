CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE taxed (tax_number text);
CREATE TABLE staff (id int NOT NULL, name text NOT NULL, skill text);
