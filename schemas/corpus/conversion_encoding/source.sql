CREATE TABLE clients (id int PRIMARY KEY, name text);
CREATE CONVERSION latin_to_unicode FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
