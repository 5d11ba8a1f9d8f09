CREATE TABLE people (id int, kind text DEFAULT 'client');
CREATE TABLE staff (kind text DEFAULT 'client') INHERITS (people);
