CREATE TABLE staff (id int PRIMARY KEY, "leads By" int, CONSTRAINT "staff leads" FOREIGN KEY ("leads By") REFERENCES staff ON DELETE SET NULL);
