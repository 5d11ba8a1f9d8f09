CREATE TYPE visit_state AS ENUM ('planned', 'done');
CREATE TYPE booking_state AS ENUM ('planned', 'done');
CREATE FUNCTION to_booking_state(visit_state) RETURNS booking_state LANGUAGE sql IMMUTABLE AS 'SELECT $1::text::booking_state';
CREATE CAST (visit_state AS booking_state) WITH INOUT;
