CREATE TABLE bookings (id int PRIMARY KEY, client_id int, state text, starts_at timestamp, note text, price numeric);
CREATE INDEX bookings_idx ON ONLY public.bookings USING btree (client_id int4_ops ASC NULLS LAST);
