CREATE DOMAIN email AS text CONSTRAINT email_format CHECK (VALUE LIKE '%@%') CONSTRAINT email_length CHECK (length(VALUE) < 60);
CREATE TABLE clients (id int PRIMARY KEY, mail email);
