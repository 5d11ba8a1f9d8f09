CREATE TYPE booking_state AS ENUM ('asked', 'planned', 'done', 'cancelled');
CREATE TABLE bookings (id int PRIMARY KEY, state text NOT NULL DEFAULT 'planned', CONSTRAINT state_known CHECK (state IN ('asked', 'planned', 'done', 'cancelled')));
CREATE INDEX open_bookings ON bookings (id) WHERE state = 'planned';
CREATE VIEW done AS SELECT id FROM bookings WHERE state = 'done';
CREATE FUNCTION cancel(booking int) RETURNS void LANGUAGE sql AS 'UPDATE bookings SET state = ''cancelled'' WHERE id = booking';
