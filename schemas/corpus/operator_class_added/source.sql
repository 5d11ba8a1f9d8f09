CREATE FUNCTION later_first(int, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT btint4cmp($2, $1)';
CREATE TABLE visits (id int PRIMARY KEY, day_number int NOT NULL);
CREATE OPERATOR FAMILY later_first_family USING btree;
