CREATE TABLE shelf (id int PRIMARY KEY, place int);
CREATE UNIQUE INDEX shelf_place_idx ON shelf (place);
