CREATE TABLE queue_places (place int PRIMARY KEY, client text);
