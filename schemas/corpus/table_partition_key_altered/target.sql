CREATE TABLE visits (id int NOT NULL, day date NOT NULL, room text NOT NULL) PARTITION BY RANGE (day, room);
CREATE TABLE visits_all PARTITION OF visits DEFAULT;
