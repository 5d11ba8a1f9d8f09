CREATE TABLE services (id int PRIMARY KEY, title text NOT NULL, price numeric(8,2) NOT NULL);
CREATE TABLE salons (id int PRIMARY KEY, manager_id int);
CREATE TABLE staff (id int PRIMARY KEY, salon_id int NOT NULL REFERENCES salons, mentor_id int REFERENCES staff);
ALTER TABLE salons ADD CONSTRAINT salons_manager FOREIGN KEY (manager_id) REFERENCES staff DEFERRABLE INITIALLY DEFERRED;
