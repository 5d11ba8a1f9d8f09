CREATE TABLE clients (id int PRIMARY KEY);
CREATE TABLE bookings (client_id int, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE bookings_2025 PARTITION OF bookings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE bookings_2026 PARTITION OF bookings FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX bookings_day ON ONLY bookings (day);
CREATE INDEX day_2025_a ON bookings_2025 (day);
CREATE INDEX day_2025_b ON bookings_2025 (day);
ALTER INDEX bookings_day ATTACH PARTITION day_2025_a;
