CREATE TABLE clients (id int PRIMARY KEY);
CREATE TABLE bookings (client_id int, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE bookings_2025 PARTITION OF bookings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE bookings_2026 PARTITION OF bookings FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX bookings_2025_day_idx ON bookings_2025 (day);
CREATE INDEX bookings_2026_day_idx ON bookings_2026 (day);
CREATE INDEX bookings_day ON ONLY bookings (day);
ALTER INDEX bookings_day ATTACH PARTITION bookings_2025_day_idx;
ALTER INDEX bookings_day ATTACH PARTITION bookings_2026_day_idx;
