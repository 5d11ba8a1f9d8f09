CREATE TABLE salons (id int PRIMARY KEY, name text NOT NULL, manager_id int, label text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE staff (id int PRIMARY KEY, salon_id int NOT NULL REFERENCES salons, code text GENERATED ALWAYS AS ('S' || id::text) STORED UNIQUE);
ALTER TABLE salons ADD CONSTRAINT salons_manager FOREIGN KEY (manager_id) REFERENCES staff DEFERRABLE INITIALLY DEFERRED;
