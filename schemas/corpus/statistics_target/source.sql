CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, salon_id int NOT NULL, starts_at timestamp NOT NULL, total numeric(10,2));
CREATE STATISTICS bookings_by_salon (ndistinct) ON client_id, salon_id FROM bookings;
ALTER STATISTICS bookings_by_salon SET STATISTICS 1000;
