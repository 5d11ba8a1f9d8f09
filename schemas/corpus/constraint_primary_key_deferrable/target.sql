CREATE TABLE queue_places (place int PRIMARY KEY DEFERRABLE, client text);
