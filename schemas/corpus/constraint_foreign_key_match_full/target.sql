CREATE TABLE rooms (branch int, room int, PRIMARY KEY (branch, room));
CREATE TABLE bookings (id int PRIMARY KEY, branch int, room int, CONSTRAINT bookings_room FOREIGN KEY (branch, room) REFERENCES rooms MATCH FULL);
