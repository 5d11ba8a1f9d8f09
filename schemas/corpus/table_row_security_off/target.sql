CREATE TABLE bookings (id int PRIMARY KEY, client text NOT NULL, at timestamptz);
CREATE POLICY own_bookings ON bookings USING (client = current_user);
