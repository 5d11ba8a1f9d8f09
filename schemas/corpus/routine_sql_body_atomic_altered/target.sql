CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE TABLE log (note text);
CREATE PROCEDURE close_day(d date) BEGIN ATOMIC DELETE FROM bookings WHERE booked_on = d; INSERT INTO log SELECT 'closed ' || count(*) FROM bookings WHERE booked_on <= d; END;
