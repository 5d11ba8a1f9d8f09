CREATE TABLE bookings (id int PRIMARY KEY, client_id int NOT NULL, price numeric(10,2) NOT NULL, booked_on date NOT NULL);
