CREATE FUNCTION later_first(int, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT btint4cmp($2, $1)';
CREATE TABLE visits (id int PRIMARY KEY, day_number int NOT NULL);
CREATE FUNCTION day_compare(bigint, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT btint84cmp($1, $2)';
CREATE OPERATOR FAMILY later_first_family USING btree;
ALTER OPERATOR FAMILY later_first_family USING btree ADD OPERATOR 1 > (bigint, int), FUNCTION 1 (bigint, int) day_compare(bigint, int);
