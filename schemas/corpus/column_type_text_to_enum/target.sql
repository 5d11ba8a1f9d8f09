CREATE TYPE state AS ENUM ('asked', 'booked', 'done');
CREATE TABLE bookings (id int PRIMARY KEY, state state NOT NULL DEFAULT 'asked');
