CREATE FUNCTION later_first(int, int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT btint4cmp($2, $1)';
CREATE TABLE visits (id int PRIMARY KEY, day_number int NOT NULL);
CREATE OPERATOR FAMILY later_first_family USING btree;
CREATE OPERATOR CLASS later_first_ops FOR TYPE int USING btree FAMILY later_first_family AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 later_first(int, int);
CREATE INDEX visits_day ON visits (day_number);
