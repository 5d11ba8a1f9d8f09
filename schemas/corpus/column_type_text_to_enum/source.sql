CREATE TYPE state AS ENUM ('asked', 'booked', 'done');
CREATE TABLE bookings (id int PRIMARY KEY, state text NOT NULL DEFAULT 'asked');
