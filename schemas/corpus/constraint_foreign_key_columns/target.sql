CREATE TABLE staff (id int PRIMARY KEY);
CREATE TABLE bookings (id int PRIMARY KEY, booked_by int, served_by int, CONSTRAINT bookings_staff FOREIGN KEY (served_by) REFERENCES staff);
