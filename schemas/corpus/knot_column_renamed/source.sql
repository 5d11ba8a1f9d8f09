CREATE TABLE "Gäste" (id int PRIMARY KEY, "Größe" int, CONSTRAINT tall CHECK ("Größe" > 0));
CREATE INDEX by_size ON "Gäste" ("Größe");
CREATE VIEW sizes AS SELECT id, "Größe" AS size FROM "Gäste";
