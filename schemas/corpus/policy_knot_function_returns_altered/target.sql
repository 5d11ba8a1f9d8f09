CREATE FUNCTION current_tenant() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 1 $$;
CREATE TABLE bookings (id int PRIMARY KEY, tenant int NOT NULL, owner text NOT NULL DEFAULT current_user);
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
GRANT ALL ON bookings TO corpus_reader, corpus_writer;
CREATE POLICY tenant_only ON bookings USING (tenant = current_tenant()) WITH CHECK (tenant = current_tenant());
ALTER TABLE bookings ALTER tenant SET DEFAULT current_tenant();
CREATE VIEW mine AS SELECT id FROM bookings WHERE tenant = current_tenant();
