CREATE SCHEMA salon;
CREATE TYPE salon.booking_status AS ENUM ('new', 'confirmed', 'done');
