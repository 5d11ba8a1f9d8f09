CREATE FUNCTION overlaps_enough(int4range, int4range) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT upper($1 * $2) - lower($1 * $2) > 5';
CREATE FUNCTION overlaps_at_all(int4range, int4range) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 && $2';
CREATE TABLE shifts (id int PRIMARY KEY, minutes int4range NOT NULL);
CREATE OPERATOR &&& (FUNCTION = overlaps_enough, LEFTARG = int4range, RIGHTARG = int4range, RESTRICT = areasel);
