CREATE TABLE branches (id int PRIMARY KEY, head int);
CREATE TABLE staff (id int PRIMARY KEY, room int);
CREATE TABLE rooms (id int PRIMARY KEY, branch int CONSTRAINT rooms_branch REFERENCES branches);
ALTER TABLE staff ADD CONSTRAINT staff_room FOREIGN KEY (room) REFERENCES rooms;
ALTER TABLE branches ADD CONSTRAINT branches_head FOREIGN KEY (head) REFERENCES staff ON DELETE SET NULL;
