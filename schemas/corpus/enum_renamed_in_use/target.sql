CREATE TYPE visit_status AS ENUM ('new', 'confirmed', 'done');
CREATE TABLE bookings (id int PRIMARY KEY, status visit_status NOT NULL DEFAULT 'new');
