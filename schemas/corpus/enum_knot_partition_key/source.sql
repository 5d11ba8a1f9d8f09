CREATE TYPE booking_status AS ENUM ('new', 'confirmed', 'done', 'cancelled');
CREATE TABLE bookings (id int NOT NULL, status booking_status NOT NULL, PRIMARY KEY (id, status)) PARTITION BY LIST (status);
CREATE TABLE bookings_open PARTITION OF bookings FOR VALUES IN ('new', 'confirmed');
CREATE TABLE bookings_rest PARTITION OF bookings DEFAULT;
