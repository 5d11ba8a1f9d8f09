CREATE TYPE booking_status AS ENUM ('new', 'confirmed', 'done');
CREATE TABLE bookings (id int PRIMARY KEY, status booking_status NOT NULL DEFAULT 'new', earlier booking_status[] DEFAULT '{new}', CHECK (status <> 'done' OR id > 0));
CREATE INDEX bookings_open ON bookings (id) WHERE status = 'confirmed';
CREATE UNIQUE INDEX bookings_status_id ON bookings (status DESC, id);
CREATE VIEW open_bookings AS SELECT id, status FROM bookings WHERE status < 'done';
CREATE VIEW open_count AS SELECT status, count(*) AS many FROM open_bookings GROUP BY status;
CREATE FUNCTION is_open(which booking_status DEFAULT 'new') RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT which < 'done' $$;
CREATE MATERIALIZED VIEW done_bookings AS SELECT id FROM bookings WHERE NOT is_open(status);
