CREATE TYPE booking_state AS ENUM ('asked', 'planned', 'done', 'cancelled');
CREATE TABLE bookings (id int PRIMARY KEY, state booking_state NOT NULL DEFAULT 'planned', CHECK (state <> 'cancelled' OR id > 0));
CREATE INDEX open_bookings ON bookings (id) WHERE state = 'planned';
CREATE VIEW done AS SELECT id FROM bookings WHERE state = 'done';
CREATE FUNCTION cancel(booking int) RETURNS void LANGUAGE sql AS 'UPDATE bookings SET state = ''cancelled'' WHERE id = booking';
