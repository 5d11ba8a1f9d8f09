CREATE TABLE visits (id int NOT NULL, day date NOT NULL, room text NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
