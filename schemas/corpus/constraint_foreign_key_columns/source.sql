CREATE TABLE staff (id int PRIMARY KEY);
CREATE TABLE bookings (id int PRIMARY KEY, booked_by int, served_by int, CONSTRAINT bookings_staff FOREIGN KEY (booked_by) REFERENCES staff);
