CREATE SCHEMA old;
CREATE TYPE old.state AS ENUM ('asked', 'booked', 'lost');
CREATE TYPE public.state AS ENUM ('asked', 'booked');
CREATE TABLE bookings (id int PRIMARY KEY, state public.state);
