CREATE TABLE staff (id int PRIMARY KEY, name text COLLATE "C" NOT NULL);
CREATE INDEX staff_name ON staff (name);
