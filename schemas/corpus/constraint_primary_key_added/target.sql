CREATE TABLE "Visits" (id int NOT NULL, note text, CONSTRAINT "Visits_pkey" PRIMARY KEY (id));
