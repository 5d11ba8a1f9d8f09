CREATE TABLE bookings (id int PRIMARY KEY, tenant int NOT NULL, owner text NOT NULL DEFAULT current_user);
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
GRANT ALL ON bookings TO corpus_reader, corpus_writer;
CREATE POLICY tenant_only ON bookings TO corpus_reader USING (tenant = 1);
