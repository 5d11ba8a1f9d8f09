CREATE TYPE seat AS (hall int, number int);
CREATE FUNCTION seat_same(seat, seat) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).hall = ($2).hall AND ($1).number = ($2).number';
CREATE OPERATOR === (FUNCTION = seat_same, LEFTARG = seat, RIGHTARG = seat, COMMUTATOR = ===, HASHES);
