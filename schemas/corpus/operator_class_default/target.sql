CREATE TYPE seat AS ENUM ('window', 'aisle');
CREATE FUNCTION seat_compare(seat, seat) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT enum_cmp($1, $2)';
CREATE OPERATOR FAMILY seat_family USING btree;
CREATE OPERATOR CLASS seat_ops FOR TYPE seat USING btree FAMILY seat_family AS OPERATOR 3 = (anyenum, anyenum), FUNCTION 1 (seat, seat) seat_compare(seat, seat);
