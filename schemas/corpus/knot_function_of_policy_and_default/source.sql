CREATE TABLE staff (id int PRIMARY KEY, login name NOT NULL, salon_id int NOT NULL);
CREATE FUNCTION my_salon() RETURNS int LANGUAGE sql STABLE AS 'SELECT salon_id FROM staff WHERE login = current_user';
CREATE TABLE bookings (id int PRIMARY KEY, salon_id int NOT NULL DEFAULT my_salon());
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_salon ON bookings TO corpus_reader USING (salon_id = my_salon());
