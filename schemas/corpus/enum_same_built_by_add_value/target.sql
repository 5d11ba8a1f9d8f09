CREATE TYPE booking_status AS ENUM ('new', 'done');
ALTER TYPE booking_status ADD VALUE 'confirmed' BEFORE 'done';
ALTER TYPE booking_status ADD VALUE 'held' AFTER 'new';
