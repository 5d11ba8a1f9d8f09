CREATE TABLE "Visits" (id int NOT NULL, note text);
