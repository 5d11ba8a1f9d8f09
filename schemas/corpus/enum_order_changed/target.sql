CREATE TYPE booking_status AS ENUM ('new', 'done', 'confirmed');
CREATE TABLE bookings (id int PRIMARY KEY, status booking_status NOT NULL DEFAULT 'new');
