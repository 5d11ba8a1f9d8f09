CREATE TABLE staff (id int PRIMARY KEY);
CREATE TABLE shifts (id int PRIMARY KEY, staff_id int NOT NULL REFERENCES staff, CHECK (staff_id > 0));
CREATE INDEX shifts_staff ON shifts (staff_id) WHERE staff_id < 1000;
