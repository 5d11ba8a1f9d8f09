CREATE TYPE booking_status AS ENUM ('new', 'held', 'confirmed', 'done');
