CREATE SCHEMA salon;
CREATE TYPE booking_status AS ENUM ('new', 'confirmed', 'done');
