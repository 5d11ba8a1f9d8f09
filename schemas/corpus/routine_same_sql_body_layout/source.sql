CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
CREATE FUNCTION cheap(a int) RETURNS bigint STABLE RETURN (SELECT count(*) FROM bookings b WHERE price >= 1 AND price <= 20 AND client_id = a);
