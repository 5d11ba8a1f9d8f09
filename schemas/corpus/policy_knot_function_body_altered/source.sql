CREATE TABLE memberships (who text PRIMARY KEY, tenant int NOT NULL);
CREATE FUNCTION current_tenant() RETURNS int LANGUAGE sql STABLE AS $$ SELECT tenant FROM public.memberships WHERE who = current_user $$;
CREATE TABLE bookings (id int PRIMARY KEY, tenant int NOT NULL, owner text NOT NULL DEFAULT current_user);
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
GRANT ALL ON bookings TO corpus_reader, corpus_writer;
CREATE POLICY tenant_only ON bookings USING (tenant = current_tenant());
