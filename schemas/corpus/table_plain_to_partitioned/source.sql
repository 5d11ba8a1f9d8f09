CREATE TABLE visits (id int NOT NULL, day date NOT NULL, room text NOT NULL);
